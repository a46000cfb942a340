"""A database that is away gives 503 in the portal's look, and the next request heals."""

import re

import pytest
from django.db import OperationalError, connection


def fail_on(words, error):
    """Return an execute wrapper: statements that contain `words` find the database in trouble."""

    def wrapper(execute, sql, params, many, context):
        if words in sql:
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


@pytest.fixture
def client_of(login, officer):
    client = login(officer)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("table", ["tasks_assignment", "django_session"])
def test_database_away_is_503_and_heals(programme, client_of, table):
    with fail_on(table, OperationalError("server closed the connection unexpectedly")):
        response = client_of.get("/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert client_of.get("/").status_code == 200


def test_other_faults_are_500(programme, client_of):
    with fail_on("tasks_assignment", ValueError("a fault of ours")):
        assert client_of.get("/").status_code == 500


def test_missing_and_foreign_pages_have_one_body(programme, login, stranger):
    client = login(stranger)
    foreign = client.get("/programmes/2026/")
    missing = client.get("/programmes/1999/")
    assert foreign.status_code == missing.status_code == 404
    assert without_tokens(foreign).replace(b"/2026/", b"/1999/") == without_tokens(missing)


def without_tokens(response):
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", response.content)
