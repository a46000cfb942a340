"""The small programme with a paper that waits for signatures, for tests that walk over everything."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import OperationalError, connection

from tests.agreements.conftest import (  # noqa: F401 - fixtures
    data_folder,
    derived_pin,
    document,
    enrolled,
    frozen,
    settled,
    sign,
)


@pytest.fixture
def failing() -> Callable[..., AbstractContextManager[None]]:
    """Return failing(words, error=…): while it lasts, statements that contain the words find trouble."""

    @contextmanager
    def fail(words: str, error: Exception | None = None) -> Iterator[None]:
        def wrapper(execute, sql, params, many, context):
            if words in sql:
                raise error or OperationalError("server closed the connection unexpectedly")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(wrapper):
            yield

    return fail
