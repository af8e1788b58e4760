"""The connection to a page that sends every message at once."""

from typing import Any

import pytest

pytest.importorskip("jupyter_server")

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from traitlets.config import Config

from gupkit.cli.lab import PROMPT
from gupkit.cli.prompt import PromptConnection


class Handler(KernelWebsocketHandler):
    """The server's end of a websocket that nobody is at."""

    def __init__(self, said: list[Any]) -> None:
        self.said = said

    def set_nodelay(self, value: bool) -> None:
        """Note it."""
        self.said.append(("nodelay", value))


def test_nothing_is_held_back_from_the_first_message_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """TCP is told so before the kernel's first message can come."""
    said: list[Any] = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: said.append("connected"))
    PromptConnection(websocket_handler=Handler(said)).connect()
    assert said == [("nodelay", True), "connected"]


def test_a_server_takes_it() -> None:
    """What ``gupkit lab`` tells the server names this class, and the server accepts it."""
    from jupyter_server.serverapp import ServerApp

    (told,) = PROMPT
    name, _, value = told.removeprefix("--ServerApp.").partition("=")
    server = ServerApp(config=Config({"ServerApp": {name: value}}))
    assert getattr(server, name) is PromptConnection
