"""A PostgreSQL of the tests' own: a private data directory and port, gone when they end."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.browser.conftest import free_port


def programs() -> Path | None:
    """The directory with PostgreSQL's server programs; None if it is not installed. Debian keeps them off PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextlib.contextmanager
def running(bin_dir: Path) -> Iterator[str]:
    """A server that listens on loopback; its address. It refuses to run as root, so then ``nobody`` runs it."""
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    port = free_port()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data, log = f"{folder}/data", f"{folder}/log"

        def call(program: str, *arguments: str) -> None:
            who = {"user": user} if os.geteuid() == 0 else {}
            command = [str(bin_dir / program), *arguments]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, **who)  # type: ignore[call-overload]

        call("initdb", "--pgdata", data, "--username=gupkit", "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "start", "--wait", "--pgdata", data, "--log", log, "--options", options)
        try:
            yield f"postgresql+psycopg://gupkit@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "stop", "--wait", "--pgdata", data, "--mode=immediate")
