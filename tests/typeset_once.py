"""Typeset each paper once a run: most tests freeze the same small programme, and the typesetter is slow.

The same input gives the same bytes, so a paper that is remembered is the paper itself. A test of
just that asks for the fixture `typeset_anew`. For the same input, factories count from one in each test.
"""

import functools
from collections.abc import Iterator

import factory
import pytest

from portal.papers import typesetting
from tests import factories

_compiled = typesetting._compiled


@functools.lru_cache(maxsize=200)
def _once(_fonts: object, source: str, inputs: tuple[tuple[str, str], ...], label: str) -> tuple[bytes, str]:
    return _compiled(source, dict(inputs), label)


def _remembered(source: str, inputs: dict[str, str], label: str) -> tuple[bytes, str]:
    return _once(typesetting._fonts, source, tuple(sorted(inputs.items())), label)


def pytest_sessionstart() -> None:
    typesetting._compiled = _remembered


@pytest.fixture(autouse=True)
def count_from_one() -> None:
    for made in vars(factories).values():
        if isinstance(made, type) and issubclass(made, factory.Factory) and not made._meta.abstract:
            made.reset_sequence(force=True)


@pytest.fixture
def typeset_anew() -> Iterator[None]:
    typesetting._compiled = _compiled
    yield
    typesetting._compiled = _remembered
