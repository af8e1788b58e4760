"""A connection from Jupyter's server to a notebook page that sends every message at once.

As it comes, the server lets TCP hold a small message back until those before are acknowledged, and a browser's machine
puts that off for up to 40 ms: half of what a reader then waits for after a click is nobody's work.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """For ``--ServerApp.kernel_websocket_connection_class``."""

    def connect(self) -> Any:
        """Connect to the kernel."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
