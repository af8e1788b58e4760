"""A PostgreSQL of the tests' own: a private data directory and port, gone when they end."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.browser.lab import free_port


def programs() -> Path | None:
    """The directory with PostgreSQL's server programs; None if it is not installed. Debian keeps them off PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class Server:
    """A server in a directory of its own, which listens on loopback. It refuses to run as root: ``nobody`` runs it."""

    programs: Path
    folder: str
    port: int
    user: str

    @property
    def address(self) -> str:
        """Of its one database, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://gupkit@127.0.0.1:{self.port}/postgres"

    def call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on it, as the user whose it is."""
        who = {"user": self.user} if os.geteuid() == 0 else {}
        command = [str(self.programs / program), "--pgdata", f"{self.folder}/data", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **who)  # type: ignore[call-overload]

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self.call("pg_ctl", "start", "--wait", "--log", f"{self.folder}/log", "--options", options)

    def stop(self) -> None:
        """Stop it; whoever is connected loses the connection."""
        self.call("pg_ctl", "stop", "--wait", "--mode=immediate")


@contextlib.contextmanager
def running(bin_dir: Path) -> Iterator[Server]:
    """A server with an empty database."""
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        server = Server(bin_dir, folder, free_port(), user)
        server.call("initdb", "--username=gupkit", "--auth=trust", "--encoding=UTF8", "--locale=C")
        server.start()
        try:
            yield server
        finally:
            server.stop()
