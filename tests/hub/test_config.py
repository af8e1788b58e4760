"""The hub's configuration in each of its three modes, read as JupyterHub reads it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config import Config, PyFileConfigLoader

from tests.project.source import ROOT

HERE = ROOT / "deploy/jupyterhub"
Load = Callable[..., Config]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """A function that reads the configuration with these settings, beside a course and a password."""
    course = tmp_path / "hub/course"
    course.mkdir(parents=True)
    (course / "nbgrader_config.py").touch()

    def read(**settings: str) -> Config:
        given = {"GUPKIT_HUB_STATE": str(tmp_path / "hub"), "GUPKIT_PASSWORD": "p", **settings}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return PyFileConfigLoader("jupyterhub_config.py", str(HERE)).load_config()

    return read


def test_a_demo_is_for_this_machine_alone(load: Load, tmp_path: Path) -> None:
    """It listens on loopback, asks for the password, and keeps all it makes in one directory."""
    c = load(GUPKIT_HUB="demo", GUPKIT_STUDENTS="a,b")
    assert c.JupyterHub.bind_url.startswith("http://127.0.0.1:")
    assert c.DummyAuthenticator.password == "p"
    assert c.Authenticator.allowed_users == {"a", "b", "instructor"}
    assert not c.Authenticator.allow_all
    assert str(tmp_path / "hub") in c.JupyterHub.db_url
    assert (tmp_path / "hub/exchange").stat().st_mode & 0o777 == 0o777


def test_without_a_password_there_is_no_demo(load: Load) -> None:
    """Nobody starts a hub that lets everybody in."""
    with pytest.raises(SystemExit, match="GUPKIT_PASSWORD is not set"):
        load(GUPKIT_HUB="demo", GUPKIT_PASSWORD="")


def test_a_mode_that_does_not_exist_is_refused(load: Load) -> None:
    """The line names those that do."""
    with pytest.raises(SystemExit, match="write demo, accounts, kubernetes"):
        load(GUPKIT_HUB="swarm")


def test_a_directory_that_is_no_course_is_refused(load: Load, tmp_path: Path) -> None:
    """The line says what belongs there."""
    with pytest.raises(SystemExit, match="is no course"):
        load(GUPKIT_COURSE=str(tmp_path / "nowhere"))


def test_only_instructors_reach_the_formgrader(load: Load) -> None:
    """The service is open to the group of the instructors, and to no role of everybody's."""
    c = load(GUPKIT_HUB="demo", GUPKIT_INSTRUCTORS="x,y")
    assert c.JupyterHub.load_groups == {"formgrade-gup": {"users": ["x", "y"]}}
    allowed = [role["name"] for role in c.JupyterHub.load_roles if any("access:" in scope for scope in role["scopes"])]
    assert allowed == ["formgrade-gup"]


def test_students_are_not_told_the_secret(load: Load) -> None:
    """Course, gradebook and secret are told to the formgrader, not to users' servers."""
    c = load(GUPKIT_HUB="demo", GUPKIT_COURSE_SECRET="s", GUPKIT_GRADEBOOK="postgresql+psycopg://g@h/d")
    assert set(c.Spawner.environment) == {"JUPYTER_CONFIG_PATH", "GUPKIT_EXCHANGE"}
    (service,) = c.JupyterHub.services
    assert service["environment"]["GUPKIT_COURSE_SECRET"] == "s"
    assert service["environment"]["GUPKIT_GRADEBOOK"].startswith("postgresql")


def test_accounts_need_root(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, users' servers run as themselves and the formgrader as the grader; as anybody else it is refused."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    c = load(GUPKIT_HUB="accounts")
    assert c.JupyterHub.services[0]["user"] == "grader"
    assert "authenticator_class" not in c.JupyterHub
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="as root"):
        load(GUPKIT_HUB="accounts")


def user(name: str) -> SimpleNamespace:
    """A spawner, as far as the configuration looks at one."""
    return SimpleNamespace(user=SimpleNamespace(name=name, id=7))


def pod() -> SimpleNamespace:
    """What KubeSpawner hands to its hook, as far as the configuration looks at it."""
    container = SimpleNamespace(volume_mounts=[], env=[SimpleNamespace(name="JUPYTER_CONFIG_PATH", value="students'")])
    return SimpleNamespace(spec=SimpleNamespace(volumes=[], containers=[container]))


def test_on_kubernetes_each_user_has_a_number(load: Load) -> None:
    """Two users' containers run under two numbers, so that the exchange can keep them apart; no service is started."""
    c = load(GUPKIT_HUB="kubernetes", GUPKIT_EXCHANGE="/srv/exchange")
    assert c.KubeSpawner.environment["NB_UID"](user("a")) == "20007"
    assert c.KubeSpawner.environment["NB_USER"](user("a")) == "a"
    assert c.KubeSpawner.environment["GUPKIT_EXCHANGE"] == "/srv/exchange"
    assert not c.JupyterHub.get("services")


def test_on_kubernetes_only_instructors_have_the_course(load: Load) -> None:
    """An instructor's pod gets course and gradebook; a student's stays as it was."""
    settings = {"GUPKIT_COURSE": "/srv/course", "GUPKIT_GRADEBOOK": "postgresql+psycopg://g@h/d"}
    c = load(GUPKIT_HUB="kubernetes", GUPKIT_INSTRUCTORS="x", **settings)
    assert c.KubeSpawner.modify_pod_hook(user("a"), pod()) == pod()
    (container,) = c.KubeSpawner.modify_pod_hook(user("x"), pod()).spec.containers
    assert container.volume_mounts == [{"name": "course", "mountPath": "/srv/course"}]
    told = {one["name"]: one["value"] for one in container.env}
    assert told == {**settings, "JUPYTER_CONFIG_PATH": "/etc/gupkit"}
