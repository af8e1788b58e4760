"""JupyterHub for a class: the kit, nbgrader's lists, the exchange and the formgrader. How: README.md beside it.

Settings come from the environment, so that this one file serves a try on a laptop, a server, and Kubernetes:

``GUPKIT_HUB``          ``demo`` (default): one password, no isolation, this machine alone; ``accounts``: each user is
                        an account of this server; ``kubernetes``: who logs in and how servers start is the chart's
``GUPKIT_HUB_STATE``    where everything lies that is not named below (``./hub``)
``GUPKIT_COURSE``       the course: a copy of ``exercises/`` that students cannot read (``STATE/course``)
``GUPKIT_EXCHANGE``     where instructors and students leave things for each other (``STATE/exchange``)
``GUPKIT_INSTRUCTORS``  user names, with commas between (``instructor``)
``GUPKIT_STUDENTS``     user names likewise; empty: whoever can log in
``GUPKIT_GRADER``       with ``accounts``: the account that owns the course and runs the formgrader (``grader``)
``GUPKIT_GRADEBOOK``    the gradebook's database (``gradebook.db`` in the course)
``GUPKIT_PASSWORD``     with ``demo``: what everybody types; must be given
``GUPKIT_COURSE_CLAIM`` with ``kubernetes``: the volume claim of the course, for instructors' servers (``course``)
``GUPKIT_FORMGRADER``   where the formgrader listens for the proxy (``http://127.0.0.1:9999``)
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub provides it

COURSE_ID = "gup"
"""Also the name of the formgrader's service: nbgrader finds it by that."""
HERE = Path(__file__).resolve().parent
SHIPPED = Path("/etc/gupkit") if os.environ.get("GUPKIT_HUB") == "kubernetes" else HERE
"""Where users' servers find this directory: on Kubernetes it is in their image."""
MODE = os.environ.get("GUPKIT_HUB", "demo")
STATE = Path(os.environ.get("GUPKIT_HUB_STATE", "hub")).resolve()
COURSE = Path(os.environ.get("GUPKIT_COURSE", STATE / "course")).resolve()
EXCHANGE = Path(os.environ.get("GUPKIT_EXCHANGE", STATE / "exchange")).resolve()
INSTRUCTORS = set(os.environ.get("GUPKIT_INSTRUCTORS", "instructor").split(","))
SINGLE_USER = [sys.executable, "-m", "jupyterhub.singleuser"]
STUDENTS = set(filter(None, os.environ.get("GUPKIT_STUDENTS", "").split(",")))


def everywhere():
    """Who may log in, and what every user's server is told."""
    c.Authenticator.admin_users = INSTRUCTORS
    c.Authenticator.allowed_users = STUDENTS | INSTRUCTORS if STUDENTS else set()
    c.Authenticator.allow_all = not STUDENTS
    # every server reads nbgrader_config.py beside this file, which reads these; users/ hides what only graders need
    c.Spawner.environment = {
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(SHIPPED / "users"), str(SHIPPED)]),
        "GUPKIT_EXCHANGE": str(EXCHANGE),
    }  # fmt: skip
    c.Spawner.default_url = "/lab"
    # a class begins at one moment, and then a server takes its time
    c.Spawner.start_timeout = c.Spawner.http_timeout = 180


def one_machine():
    """Hub, users' servers and formgrader on this machine."""
    if not (COURSE / "nbgrader_config.py").is_file():
        sys.exit(f"{COURSE} is no course: copy the kit's exercises/ there, or say where it is with GUPKIT_COURSE")
    STATE.mkdir(parents=True, exist_ok=True)
    EXCHANGE.mkdir(parents=True, exist_ok=True)
    EXCHANGE.chmod(0o777)  # nbgrader wants it so; what lies in it has narrower rights
    c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
    c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
    c.Spawner.cmd = SINGLE_USER
    formgrader()


def formgrader():
    """The formgrader as a service beside the hub: one gradebook for all instructors, and nobody else gets in."""
    group = f"formgrade-{COURSE_ID}"
    command = [*SINGLE_USER, f"--ServerApp.root_dir={COURSE}"]
    if os.geteuid() == 0 and MODE == "demo":
        command.append("--allow-root")
    names = ("GUPKIT_GRADEBOOK", "GUPKIT_COURSE_SECRET", "PATH")
    passed_on = {name: os.environ[name] for name in names if name in os.environ}
    c.JupyterHub.services = [
        {
            "name": COURSE_ID, "url": os.environ.get("GUPKIT_FORMGRADER", "http://127.0.0.1:9999"), "command": command,
            "cwd": str(COURSE), **({"user": os.environ.get("GUPKIT_GRADER", "grader")} if MODE == "accounts" else {}),
            "oauth_no_confirm": True, "display": True,
            "environment": {
                **passed_on, "JUPYTER_CONFIG_PATH": str(HERE), "GUPKIT_EXCHANGE": str(EXCHANGE),
                "GUPKIT_COURSE": str(COURSE), "JUPYTERHUB_DEFAULT_URL": "/formgrader",
            },
        }
    ]  # fmt: skip
    c.JupyterHub.load_groups = {group: {"users": sorted(INSTRUCTORS)}}
    scopes = [f"access:services!service={COURSE_ID}", "list:services", f"read:services!service={COURSE_ID}"]
    c.JupyterHub.load_roles = [
        {"name": group, "groups": [group], "scopes": scopes},
        {"name": "server", "scopes": ["inherit"]},  # so that an instructor's server may ask where the formgrader is
    ]


def demo():
    """To try it on one's own machine: every user is the one who started the hub, in a directory of its own."""
    password = os.environ.get("GUPKIT_PASSWORD")
    if not password:
        sys.exit("GUPKIT_PASSWORD is not set: it is what everybody will have to type")
    print("GUPKIT_HUB=demo: users are not kept apart; whoever logs in acts as you. Not for a class.", file=sys.stderr)
    c.JupyterHub.bind_url = "http://127.0.0.1:8000"
    c.JupyterHub.authenticator_class = "dummy"
    c.DummyAuthenticator.password = password
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "homes" / "{username}")
    if os.geteuid() == 0:
        c.Spawner.args = ["--allow-root"]


def accounts():
    """A server with an account for each user: JupyterHub's own defaults, PAM and local processes, run by root."""
    if os.geteuid() != 0:
        sys.exit("GUPKIT_HUB=accounts starts servers as other users: run JupyterHub as root")
    c.PAMAuthenticator.open_sessions = False


def kubernetes():
    """Zero to JupyterHub: each user has a number, by which the exchange tells them; instructors have the course."""
    c.KubeSpawner.environment = {
        **c.KubeSpawner.get("environment", {}), **c.Spawner.environment,
        "NB_UID": lambda spawner: str(FIRST_UID + spawner.user.id), "NB_USER": lambda spawner: spawner.user.name,
    }  # fmt: skip
    c.KubeSpawner.modify_pod_hook = mount_course


def mount_course(spawner, pod):
    """Give an instructor's pod the course and the gradebook; a student's stays as it is."""
    if spawner.user.name not in INSTRUCTORS:
        return pod
    claim = os.environ.get("GUPKIT_COURSE_CLAIM", "course")
    (container, *_) = pod.spec.containers
    pod.spec.volumes.append({"name": "course", "persistentVolumeClaim": {"claimName": claim}})
    container.volume_mounts.append({"name": "course", "mountPath": str(COURSE)})
    told = {"GUPKIT_COURSE": str(COURSE), "JUPYTER_CONFIG_PATH": str(SHIPPED)}
    if "GUPKIT_GRADEBOOK" in os.environ:
        told["GUPKIT_GRADEBOOK"] = os.environ["GUPKIT_GRADEBOOK"]
    kept = [one for one in container.env if one.name not in told]
    container.env = [*kept, *({"name": name, "value": value} for name, value in told.items())]
    return pod


FIRST_UID = 20_000
MODES = {"demo": demo, "accounts": accounts, "kubernetes": kubernetes}

if MODE not in MODES:
    sys.exit(f"GUPKIT_HUB is {MODE!r}: write {', '.join(MODES)}")
everywhere()
if MODE != "kubernetes":
    one_machine()
MODES[MODE]()
