"""Make the virtual environment and install gupkit into it: ``make_venv.py VENV EXTRAS [CONSTRAINTS]``.

Runs under whatever ``python3`` the machine has, so it is written for old ones too: it must be able to say
that they are too old. ``EXTRAS`` is a comma-separated list, ``-`` for none. Exit 1 with one line where the machine
lacks something; otherwise the exit status of pip.
"""

import os
import subprocess
import sys

LEAST = (3, 11)


def missing():
    # type: () -> str
    """What this Python lacks and how to get it, in one line; empty if nothing."""
    have = "%d.%d" % sys.version_info[:2]
    if sys.version_info < LEAST:
        return (
            "gupkit needs Python %d.%d or newer; %s is %s. Install a newer one and name it: "
            "make PYTHON=python3.12 lab" % (LEAST + (sys.executable, have))
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            "%s has no venv. Install it and run make again: "
            "Debian and Ubuntu: apt install python%s-venv; Fedora: dnf install python3 python3-pip"
            % (sys.executable, have)
        )
    return ""


def same_python(python):
    # type: (str) -> bool
    """Whether the environment's interpreter still starts and is the version of the one that runs this."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.check_output([python, "-c", ask], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.decode().strip() == "%d.%d" % sys.version_info[:2]


def main(venv_dir, extras, constraints=""):
    # type: (str, str, str) -> int
    """Make ``venv_dir`` (again, if its interpreter is dead or another version) and install ``.[extras]`` editable."""
    lack = missing()
    if lack:
        sys.stderr.write(lack + "\n")
        return 1
    python = os.path.join(venv_dir, "bin", "python")
    if not same_python(python):
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", venv_dir])
    target = "." if extras == "-" else ".[%s]" % extras
    pins = ["--constraint", constraints] if constraints else []
    # an editable install packs nothing, so it has no need of what packing needs
    environ = dict(os.environ, HATCH_BUILD_NO_HOOKS="true")
    return subprocess.call([python, "-m", "pip", "install", "--quiet", "--editable", target] + pins, env=environ)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
