"""Where log records go and how they look: read by the settings."""

from typing import Any


def logging(*, as_text: bool) -> dict[str, Any]:
    """Return LOGGING: one line a record on standard error, as text or as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {
                "()": "portal.lib.logs.TextFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "portal.lib.logs.JsonFormatter"},
        },
        "filters": {"refusals": {"()": "portal.lib.logs.WithoutTraceOfRefusals"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "text" if as_text else "json"},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django.request": {"filters": ["refusals"]},
            **{name: {"level": "INFO"} for name in ("portal", "tasks", "agreements")},
        },
    }
