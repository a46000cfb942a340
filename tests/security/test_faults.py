"""The database away, on every address: 503 in the portal's look, Retry-After, and healing by itself."""

import pytest
from django.core.cache import cache
from django.db import close_old_connections, connection, connections
from django.test import Client

from tests.addresses import ADDRESSES, share

STANDS = ("/healthz", "/readyz", "/metrics", "/login/", "/verify/", "/i18n/setlang/")
"""Answer without the database, or say in their own words that it is away."""


METHODS = ["GET", "POST"]


@pytest.mark.parametrize("method", METHODS)
def test_every_address_says_503(cast, login, failing, document, method):
    browser = login(cast.admin)
    browser.raise_request_exception = False
    wrong = {}
    with failing(""):
        for address in share(ADDRESSES, method, METHODS):
            path = address.path(lambda name: {"year": 2026, "code": "SXD", "pk": document.pk}.get(name, 1))
            answer = browser.generic(method, path)
            is_away = answer.status_code == 503 and answer.headers.get("Retry-After") == "10"
            if not is_away and answer.status_code not in {400, 405} and path not in STANDS:
                wrong[path] = answer.status_code
    assert not wrong


def test_visitor_sees_the_page_of_trouble_in_the_portals_look(focal_point, failing):
    stubborn = Client(raise_request_exception=False)
    with failing(""):
        answer = stubborn.post("/login/", {"login": "sxd.daumoi", "password": "x"})
    assert answer.status_code == 503
    assert 'class="masthead"' in answer.content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_connection_that_the_server_cut_heals_at_the_next_request(officer, login):
    """The server ends our connection, as a restart does; nobody reconnects by hand.

    The test's client leaves out what Django does as each request begins, so it is done here.
    """
    browser = login(officer)
    assert browser.get("/notices/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [mine])
    other.close()
    browser.raise_request_exception = False
    close_old_connections()
    assert browser.get("/notices/").status_code == 200


def test_pages_and_login_work_without_redis(focal_point, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = settings.CACHES | {
        "pages": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}
    }
    cache.clear()
    browser = Client()
    assert (
        browser.post("/login/", {"login": "sxd.daumoi", "password": "phoi-hop-quan-dan"}).status_code == 302
    )
    for path in ("/", "/assignments/", "/programmes/", "/agreements/", "/notices/"):
        assert browser.get(path).status_code == 200, path
    assert "broker" in browser.get("/readyz").json()["degraded"]
