"""From checked settings to a portal that answers, and back to nothing running."""

import os
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

from portal.operations.serving import preparation, supervision, welcome
from portal.operations.serving.checks import Address, CannotStart

PATIENCE = 60  # seconds until the portal must answer


def prepare(address: Address) -> None:
    """Bring everything that the processes need into place. Raises CannotStart."""
    preparation.demonstration_stays_here(address)
    preparation.database()
    preparation.static_files()
    preparation.demonstration()
    preparation.broker()


def serve(address: Address, procfile: Path) -> None:
    """Start the processes, greet when they answer, stop them when asked to. Raises CannotStart."""
    greeting = welcome.text(address)
    preparation.let_go()
    listen_at = {"GRANIAN_HOST": address.ip, "GRANIAN_PORT": str(address.port)}
    supervisor = supervision.Supervisor(supervision.read_procfile(procfile), os.environ | listen_at)
    supervisor.listen()
    try:
        if supervisor.run_until(answers(address)):
            print(greeting, flush=True)
            supervisor.run_until(lambda: False)
    finally:
        supervisor.stop()
    supervision.say("Stopped.")


def answers(address: Address) -> Callable[[], bool]:
    """Return the question “does the portal answer yet?”, which raises CannotStart when patience ends."""
    end = time.monotonic() + PATIENCE
    ip = f"[{address.ip}]" if ":" in address.ip else address.ip
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    request = urllib.request.Request(f"http://{ip}:{address.port}/readyz", headers={"Host": name})

    def ask() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=2):  # noqa: S310 - our own address
                return True
        except OSError as error:
            if getattr(error, "code", 503) != HTTPStatus.SERVICE_UNAVAILABLE:
                raise CannotStart(f"it answers with an error ({error}); see the lines above.") from error
            if time.monotonic() > end:
                raise CannotStart(f"it does not answer after {PATIENCE} s; see the lines above.") from error
            return False

    return ask
