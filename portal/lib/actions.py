"""@action: one transaction, with what must come last written last.

Lock order everywhere: document, business rows, then the audit head. Notices and audit events are
therefore buffered and written as the last statements before COMMIT, so that the audit head, which
every action needs, is held for the shortest time.
"""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from enum import IntEnum
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")
Writer = Callable[[list[Any]], None]

RETRIES = 3
_PG_RETRY = {"40001", "40P01", "23505"}
"""Serialization failure, deadlock; a row that somebody else wrote first: asked anew, the rule meets it."""


class Stage(IntEnum):
    """Order in which buffered rows are written."""

    NOTICES = 1
    AUDIT = 2


_buffer: ContextVar[dict[tuple[Stage, Writer], list[Any]] | None] = ContextVar("buffer", default=None)


def is_running() -> bool:
    """Return whether an action is open in this thread."""
    return _buffer.get() is not None


def write_last(stage: Stage, writer: Writer, row: Any) -> None:
    """Hand `row` to `writer` at the end of the running action; rows of one writer come together."""
    rows = _buffer.get()
    if rows is None:
        raise RuntimeError("audit events and notices are written inside an @action only")
    rows.setdefault((stage, writer), []).append(row)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in one transaction; inside another action it joins that one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if is_running():
            return function(*args, **kwargs)
        for attempt in range(1, RETRIES + 1):
            try:
                return _run_once(function, *args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                # Inside a caller's transaction a retry would run on an aborted one.
                if attempt == RETRIES or connection.in_atomic_block or _code(error) not in _PG_RETRY:
                    raise
        raise AssertionError("unreachable")

    return run


def _run_once(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    rows: dict[tuple[Stage, Writer], list[Any]] = {}
    token = _buffer.set(rows)
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            for (_stage, writer), batch in sorted(rows.items(), key=lambda item: item[0][0]):
                writer(batch)
            return result
    finally:
        _buffer.reset(token)


def _code(error: Exception) -> str | None:
    return getattr(error.__cause__, "pgcode", None)
