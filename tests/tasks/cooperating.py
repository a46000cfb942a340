"""Cooperation in tests: what is asked of an agency, and how far it has come."""

import datetime as dt

from tasks import cooperations
from tasks.models import Cooperation, Coordination
from tests.factories import NOW

DUE_ON = dt.date(2026, 3, 20)
ASKED = {"due_on": DUE_ON, "request": "Ý kiến về quy hoạch"}


def again(share: Coordination) -> Coordination:
    rows = Coordination.objects.select_related("assignment__programme__host", "assignment__lead", "agency")
    return rows.get(pk=share.pk)


def state(share: Coordination) -> str:
    return Cooperation.objects.get(share=share).state


def delivered(share, front_head) -> Coordination:
    cooperations.report(share, by=front_head, at=NOW, text="Đã có ý kiến")
    return again(share)
