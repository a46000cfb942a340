"""Run the portal on one machine: `python -m portal.operations.serving`, or `make run`."""

import os
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured

from portal.operations.serving import checks
from portal.operations.serving.checks import CannotStart

BASE = Path(__file__).resolve().parents[3]


def main() -> int:
    """Check, prepare, start, watch, stop. Returns the exit code."""
    try:
        checks.python_version()
        folder = checks.data_folder(os.environ.get("DATA_DIR") or str(BASE / "var"))
        address = checks.address(os.environ.get("HOST") or "localhost", os.environ.get("PORT") or "8000")
        checks.follow_address(address)
        load_settings()
        from portal.operations.serving import running  # reads models: only after the settings

        with checks.alone(folder):
            running.prepare(address)
        running.serve(address, BASE / "Procfile")
    except CannotStart as error:
        print(f"The portal cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


def load_settings() -> None:
    """Read the settings; a bad value becomes one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, OSError, ValueError) as error:
        raise CannotStart(" ".join(str(error).split())) from error


if __name__ == "__main__":
    sys.exit(main())
