"""Pages against a bare view: behind the same server, middleware, session and user.

    python -m bench.pages

Needs a loaded demonstration in DATA_DIR (`make run` once). Rounds are interleaved, medians compared;
one JSON line per page: {"figure", "ms", "bare_ms", "ratio"}, where ratio is bare / page, so 1 is as
quick as the bare view.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

ROUNDS, EACH = 15, 10
HOST = "127.0.0.1"


def pages() -> dict[str, tuple[str, str]]:
    """Name, account and address of what is measured."""
    return {
        "officer home": ("bchqs.troly", "/"),
        "commander home": ("bchqs.cht", "/"),
        "head home": ("snv.gd", "/"),
        "focal point home": ("snv.daumoi", "/"),
        "assignments list": ("bchqs.troly", "/assignments/"),
        "programme": ("snv.daumoi", f"/programmes/{newest_year()}/"),
    }


def main() -> None:
    port = free_port()
    cookies = {name: session_of(name) for name in {account for account, _address in pages().values()}}
    with server(port):
        connection = http.client.HTTPConnection(HOST, port)
        for figure, (account, address) in pages().items():
            bare, page = [], []
            for _round in range(ROUNDS):
                bare.append(timed(connection, "/bare/", cookies[account]))
                page.append(timed(connection, address, cookies[account]))
            bare_ms, page_ms = statistics.median(bare), statistics.median(page)
            row = {"figure": figure, "ms": page_ms, "bare_ms": bare_ms, "ratio": bare_ms / page_ms}
            print(
                json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}),
                flush=True,
            )


def timed(connection: http.client.HTTPConnection, address: str, cookie: str) -> float:
    """Milliseconds of one request, the mean of a few."""
    start = time.perf_counter()
    for _ in range(EACH):
        connection.request("GET", address, headers={"Cookie": cookie, "Host": "localhost"})
        response = connection.getresponse()
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise SystemExit(f"{address} answered {response.status}: {body[:200]!r}")
    return (time.perf_counter() - start) * 1000 / EACH


def newest_year() -> int:
    from tasks.models import Programme

    return Programme.objects.order_by("-year").values_list("year", flat=True)[0]


def session_of(username: str) -> str:
    """A signed-in session's cookie, made without the form: signing in is not what is measured."""
    from django.conf import settings
    from django.test import Client

    from portal.users.models import User

    browser = Client()
    browser.force_login(User.objects.get(username=username))
    return f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


@contextmanager
def server(port: int):
    """The portal's own server with one worker, on loopback, for as long as it is measured."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", "1", "--no-access-log", "--log-level", "error", "portal.wsgi:application"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "bench.settings"},
    )
    try:
        for _attempt in range(100):
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    main()
