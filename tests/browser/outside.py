"""The world outside the host: a proxy on the loopback address that keeps what it is asked, and hangs up."""

import re
import socket
import threading

BROWSERS_OWN = (".google.com", ".googleapis.com", ".gvt1.com")
"""What Chromium asks its maker for on its own account: the shape of forms, accounts, updates. No page
can forbid it (docs/security.md); a page that asked there would be seen by the watch of its requests."""


class Outside:
    """Takes connections, notes the first line of each ("CONNECT example.org:443 HTTP/1.1"), and hangs up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]

    @property
    def by_pages(self) -> list[str]:
        """What was asked and is none of the browser's own business."""
        return [line for line in self.asked if not _host(line).endswith(BROWSERS_OWN)]

    def __enter__(self) -> "Outside":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._door.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _address = self._door.accept()
            except OSError:  # closed
                return
            with caller:
                caller.settimeout(2)
                try:
                    line = caller.recv(4096).partition(b"\r\n")[0].decode(errors="replace")
                except OSError:
                    line = "a connection without a word"
                self.asked.append(line)


def _host(line: str) -> str:
    """Return the host of a request's first line: "CONNECT host:443 …" or "GET http://host/path …"."""
    found = re.match(r"\S+ (?:\w+://)?([^/: ]+)", line)
    return found[1] if found else ""
