"""Two at once about a paper of the register, about a group and its members: one of them is done."""

import datetime as dt
import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, transaction

from portal.audit.verification import verify
from tasks import citations, group_plans, groups, year_papers
from tasks.group_plans import Item
from tasks.models import GroupMember, GroupPlanItem, LegalBasis, SourceDocument, StandingGroup, YearPaper
from tests.factories import NOW, TODAY, standing_group
from tests.tasks import papering
from tests.tasks.extending import fresh
from tests.tasks.test_citations import SOURCE
from tests.tasks.test_extensions_together import tried
from tests.tasks.test_reports_together import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WEEK = dt.timedelta(days=7)


def test_what_is_cited_is_not_struck_out(programme, assignment, officer, clerk):
    paper = year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts())
    source = replace(SOURCE, paper_id=paper.pk)
    outcomes: list[str] = []

    def strike() -> None:
        row = YearPaper.objects.select_related("programme__host").get(pk=paper.pk)
        year_papers.strike(row, by=clerk, at=NOW, reason="Nhập nhầm số")

    def cite() -> None:
        citations.cite(fresh(assignment), by=officer, at=NOW, source=source)

    at_once(lambda: tried(outcomes, strike), lambda: tried(outcomes, cite))
    assert sorted(outcomes) == ["done", "refused"]
    paper.refresh_from_db()
    assert SourceDocument.objects.filter(paper=paper).exists() is not paper.is_struck
    assert verify().ok


def test_who_is_given_an_item_stays_a_member(programme, department, officer, commander):
    group = standing_group(programme.host, department)
    item = group_plans.add(group, by=officer, at=NOW, item=Item("Tuần tra", group.host, TODAY + WEEK))
    outcomes: list[str] = []

    def give() -> None:
        row = GroupPlanItem.objects.select_related("group__host").get(pk=item.pk)
        group_plans.change(row, by=officer, at=NOW, item=Item("Tuần tra", department, TODAY + WEEK))

    def release() -> None:
        rows = GroupMember.objects.select_related("group__host", "agency")
        groups.release(rows.get(agency=department), by=commander, at=NOW, until_on=TODAY - WEEK)

    at_once(lambda: tried(outcomes, give), lambda: tried(outcomes, release))
    assert sorted(outcomes) == ["done", "refused"]
    item.refresh_from_db()
    assert (item.lead == department) is not bool(GroupMember.objects.get(agency=department).valid_to)


def test_who_founds_the_same_group_a_moment_later_hears_that_it_stands(host, department, officer):
    """The other's group is written and not committed when the rule looks; the constraint keeps them apart."""
    basis = LegalBasis.objects.create(wording="Căn cứ Nghị định", number="03/2019/NĐ-CP")
    facts = groups.Facts("Tổ phối hợp", basis, TODAY, members=[department])
    outcomes: list[str] = []

    def found() -> None:
        try:
            tried(outcomes, lambda: groups.found(host, by=officer, at=NOW, facts=facts))
        finally:
            connection.close()

    second = threading.Thread(target=found)
    with transaction.atomic():
        StandingGroup.objects.create(name=facts.name, basis=basis, host=host, begins_on=TODAY)
        second.start()
        _wait_for_a_lock()
    second.join()
    assert outcomes == ["refused"]


def _wait_for_a_lock() -> None:
    """Return when another connection to this database waits for this one."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
