"""What tests of schemes share: how one is entered, and a milestone of it planned."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from portal.agencies.models import Agency
from portal.users.models import User
from tasks import milestones, schemes
from tasks.models import Milestone, Scheme
from tasks.schemes import Facts
from tests.factories import NOW

COLUMNS = {
    "kind": "scheme",
    "title_vi": "Đề án dân quân tự vệ giai đoạn 2025-2028",
    "title_en": "",
    "year_from": 2025,
    "year_to": 2028,
    "approval_number": "1234/QĐ-UBND",
    "approved_on": dt.date(2025, 1, 20),
    "approval_subject": "Phê duyệt Đề án",
    "approved_by": "Ủy ban nhân dân tỉnh",
}
JUNE = dt.date(2026, 6, 30)


def facts(lead: Agency, coordinating: Iterable[Agency] = (), **columns: Any) -> Facts:
    return Facts({**COLUMNS, "lead": lead, **columns}, tuple(coordinating))


def enter(lead: Agency, *, by: User, coordinating: Iterable[Agency] = (), **columns: Any) -> Scheme:
    return schemes.enter(facts(lead, coordinating, **columns), by=by, at=NOW)


def plan(scheme: Scheme, *, by: User, title: str = "Sơ kết giữa kỳ", due_on: dt.date = JUNE) -> Milestone:
    return milestones.plan(scheme, by=by, at=NOW, title=title, due_on=due_on)


def fresh(row: Milestone) -> Milestone:
    return Milestone.objects.select_related("scheme__lead").get(pk=row.pk)
