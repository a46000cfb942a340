"""System check: checkpoints must not lie beside what they vouch for."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning


def check_places(**_facts: Any) -> list[CheckMessage]:
    """Warn, in `check --deploy`, when every place of checkpoints lies in DATA_DIR."""
    if not all(folder.is_relative_to(settings.DATA_DIR) for folder in settings.CHECKPOINT_DIRS):
        return []
    return [
        Warning(
            "All checkpoints of the audit trail lie in DATA_DIR, which is lost or restored as a whole.",
            hint="Name two folders on other disks or machines in CHECKPOINT_DIRS (docs/audit.md).",
            id="audit.W001",
        )
    ]
