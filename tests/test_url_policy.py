"""Every address keeps to its row of tests/url_policy.py."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.users.models import Role
from tests.url_policy import ANYONE, POLICY, SIGNED_IN

SAMPLES = {
    "pk": 999_999,
    "evidence_pk": 999_999,
    "figure_pk": 999_999,
    "page": 1,
    "year": 1999,
    "code": "NOBODY",
    "slug": "summary",
    "key": "0" * 32,
    "token": "0" * 32,
}
ACTOR = {
    Role.FOCAL_POINT: "focal_point",
    Role.AGENCY_HEAD: "head",
    Role.DEPUTY_HEAD: "deputy",
    Role.RECORDS_CLERK: "clerk",
    Role.PROGRAMME_OFFICER: "officer",
    Role.COMMANDER: "commander",
    Role.VIEWER: "viewer",
    Role.ADMINISTRATOR: "admin",
}

Address = tuple[str, str, URLPattern]


def walk(resolver: URLResolver, namespace: str = "", path: str = "") -> Iterator[Address]:
    """Yield (name, path, pattern) of every address; what has no name is known by its path."""
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, here)
        else:
            yield (f"{namespace}{entry.name}" if entry.name else here), here, entry


def row(name: str) -> str:
    """Return the key of an address in the table; the administration is one row."""
    is_admin = name.startswith(("admin:", "admin/")) and name != "admin/login/"
    return "admin:" if is_admin else name


ADDRESSES = [(name, pattern) for name, _path, pattern in walk(get_resolver())]
OURS = [
    (name, pattern) for name, pattern in ADDRESSES if row(name) in POLICY and not POLICY[row(name)].by_library
]


def path_of(name: str, pattern: URLPattern) -> str:
    if "/" in name:
        return f"/{name}"
    wanted = pattern.pattern.converters or pattern.pattern.regex.groupindex
    return reverse(name, kwargs={key: SAMPLES.get(key, 1) for key in wanted})


def test_every_address_has_a_policy():
    assert {row(name) for name, _ in ADDRESSES} == set(POLICY)


def closed_addresses() -> list[tuple[str, URLPattern]]:
    return [(n, p) for n, p in OURS if POLICY[n].who is not ANYONE]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "pattern"), closed_addresses())
def test_strangers_are_sent_to_the_login(name, pattern):
    path = path_of(name, pattern)
    for response in (Client().get(path), Client().post(path)):
        assert (response.status_code, response.url) == (302, f"/login/?next={path}")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/users/user/", "/account/password/"])
def test_strangers_are_sent_to_the_login_by_libraries_too(path):
    assert Client().get(path).url.startswith("/login/")


@pytest.mark.parametrize(("name", "pattern"), OURS)
def test_only_listed_methods_are_answered(name, pattern, cast, login):
    policy = POLICY[name]
    role = Role.COMMANDER if policy.who is ANYONE else min(policy.who)
    statuses = {}
    for method in ("GET", "POST", "PUT", "DELETE"):
        browser = login(getattr(cast, ACTOR[role]))  # anew: some of them end the session
        statuses[method] = browser.generic(method, path_of(name, pattern)).status_code
    assert {method for method, status in statuses.items() if status != 405} == policy.methods
    assert max(statuses.values()) < 500


WITHOUT_ARGUMENTS = [
    (n, p)
    for n, p in OURS
    if not p.pattern.converters and POLICY[n].who is not ANYONE and "GET" in POLICY[n].methods
]


@pytest.mark.parametrize(("name", "pattern"), WITHOUT_ARGUMENTS)
def test_address_opens_for_its_roles_and_no_other(name, pattern, cast, login):
    path = path_of(name, pattern)
    statuses = {role: login(getattr(cast, ACTOR[role])).get(path).status_code for role in Role}
    opened = {role for role, status in statuses.items() if status in {200, 302}}
    assert opened == (set() if POLICY[name].demo_only else set(POLICY[name].who))
    refusal = {404} if POLICY[name].demo_only else {403, 404}
    assert {status for role, status in statuses.items() if role not in opened} <= refusal


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_administration_opens_for_administrators_only(role, cast, login):
    assert login(getattr(cast, ACTOR[role])).get("/admin/").status_code in {302, 403, 404}


def with_arguments() -> list[tuple[str, URLPattern]]:
    return [(n, p) for n, p in OURS if p.pattern.converters]


@pytest.mark.parametrize(("name", "pattern"), with_arguments())
def test_what_does_not_exist_is_404(name, pattern, cast, login):
    method = "GET" if "GET" in POLICY[name].methods else "POST"
    who = POLICY[name].who or SIGNED_IN
    role = Role.COMMANDER if Role.COMMANDER in who else min(who)
    assert login(getattr(cast, ACTOR[role])).generic(method, path_of(name, pattern)).status_code == 404
