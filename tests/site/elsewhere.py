"""Every host but this machine, as a browser sees it: a proxy that writes down what it is asked, and refuses it.

What a page's route would miss, a worker's or a service worker's request, comes here too: the browser's own network
has no other way out.
"""

import contextlib
import http.server
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def refusing() -> Iterator[tuple[str, list[str]]]:
    """The proxy's address, and the list of what was asked for, as ``METHOD ADDRESS``."""
    asked: list[str] = []

    class Refuse(http.server.BaseHTTPRequestHandler):
        def refuse(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_error(403, "no other host")

        do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = do_CONNECT = refuse

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
