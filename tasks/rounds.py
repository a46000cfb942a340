"""Which programmes in force have an amendment out for signing: told by the app that keeps them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

_asked: list[Callable[[], QuerySet[Any, int]]] = []


def register(programmes: Callable[[], QuerySet[Any, int]]) -> None:
    """Say who knows: `programmes` returns their keys. Called once, from ready()."""
    _asked.append(programmes)


def amended() -> set[int]:
    """Return the keys of the programmes whose amendment is being signed."""
    return {key for programmes in _asked for key in programmes()}
