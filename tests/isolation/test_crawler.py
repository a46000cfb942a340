"""Nobody meets a word that is not theirs, whatever address they try; a planted leak turns the crawler red."""

import ast
import itertools
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Q
from django.urls import path

from portal import urls
from tasks import access
from tasks.models import Programme
from tests import scale
from tests.isolation import crawler
from tests.isolation.crawler import Crawler, UnknownAddress
from tests.isolation.world import words_of_mails

FOLDER = Path(crawler.__file__).parent


ONE_OF_EACH = ("officer", "admin", "sxd_head", "syt_focal", "stranger", "halfway", "visitor")


def who_asks(everybody: tuple[str, ...]) -> tuple[str, ...]:
    """One of each kind on PostgreSQL, the others on SQLite, everybody on both in the long run."""
    if scale.is_full():
        return everybody
    return tuple(p for p in everybody if (p in ONE_OF_EACH) == (connection.vendor == "postgresql"))


def _share() -> int:
    """In the short run each person tries a part of the addresses; the others are other people's."""
    return scale.of(ci=12, full=1)


@pytest.mark.soak
def test_nobody_gets_where_they_do_not_belong(world, capsys, evidence):
    chosen = who_asks((*crawler.POSTS, *crawler.WITHOUT))
    found = Crawler(world, people=chosen, share=_share()).crawl()
    with capsys.disabled():
        print(f"\n{found}")
    assert found.people == len(chosen)
    assert not found.leaks, "\n".join(found.leaks)
    evidence("isolation", people=found.people, addresses=found.addresses, requests=found.requests, leaks=0)


def test_mails_go_to_whom_they_are_for_and_carry_no_report(world):
    mails = words_of_mails()
    assert len(mails) > 10
    for recipient, text in mails:
        for canary in world.canaries:
            if canary.word in text:
                assert canary.kind == "notice", f"a mail to {recipient} says {canary}"
                (reader,) = canary.readers
                assert recipient == world.people[reader].email or reader.replace("_", "") in recipient


def test_it_asks_nothing_of_the_rules_it_judges():
    files = (
        "people",
        "world",
        "working",
        "consulting",
        "conferring",
        "grouping",
        "rows",
        "consulting_rows",
        "period_rows",
        "talk_rows",
        "urging_rows",
        "year_rows",
        "table",
        "crawler",
    )
    for name in (f"{file}.py" for file in files):
        tree = ast.parse((FOLDER / name).read_text())
        taken = [
            f"{getattr(node, 'module', '')}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        assert taken
        assert not [module for module in taken if "access" in module.split(".")], name


# --- Planted leaks ----------------------------------------------------------------------------------
def leaks_of(world, *people: str, only: tuple[str, ...]) -> str:
    return "\n".join(Crawler(world, people=people, only=only).crawl().leaks)


def test_it_is_silent_where_nothing_is_planted(world):
    only = ("assignments:detail", "programmes:detail", "programmes:close", "assignments:confirm")
    assert leaks_of(world, "syt_focal", "stranger", only=only) == ""


def test_it_sees_reports_of_others(world, monkeypatch):
    monkeypatch.setattr(access, "progress_rule", lambda user: Q(pk__isnull=False))
    found = leaks_of(world, "syt_focal", only=("assignments:detail",))
    assert "shows reason lydosxd1" in found
    assert "shows figure 14.835,46" in found


def test_it_sees_a_draft_that_is_open(world, monkeypatch):
    monkeypatch.setattr(access, "visible_programmes", lambda user: Programme.objects.all())
    found = leaks_of(world, "stranger", only=("programmes:detail",))
    assert "/programmes/2027/ shows draft chuongtrinhdangthao" in found
    assert "answers 200 where there is nothing to see" in found


def test_it_sees_a_change_by_who_may_not(world, monkeypatch):
    monkeypatch.setattr(access, "may_confirm", lambda user, assignment: True)
    found = leaks_of(world, "syt_focal", only=("assignments:reject",))
    assert "to who sees it and may not" in found


def test_it_sees_rows_changed_behind_a_refusal(world, monkeypatch):
    look, places = access.visible_programmes, itertools.count()

    def look_and_touch(user):  # outside of the action, whose transaction would take it back
        Programme.objects.update(place=f"Nơi {next(places)}")
        return look(user)

    monkeypatch.setattr(access, "visible_programmes", look_and_touch)
    assert "tasks_programme changed" in leaks_of(world, "viewer", only=("programmes:close",))


def test_an_address_without_a_row_is_named(world, monkeypatch):
    new = path("new/<int:pk>/", lambda request, pk: None, name="brand_new")
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, new])
    monkeypatch.setattr(crawler, "get_resolver", lambda: _Resolver(urls.urlpatterns))
    with pytest.raises(UnknownAddress, match='TABLE\\["brand_new"\\]'):
        Crawler(world, people=("stranger",)).crawl()


class _Resolver:
    """What walk() reads of a resolver."""

    def __init__(self, patterns: list) -> None:
        self.url_patterns = patterns
