"""Several at one indicator at once: one is told to look again, and nothing is counted twice."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from portal.audit.verification import verify
from portal.lib.errors import RuleError, StaleError
from tasks import figures, quotas
from tasks.models import Figure, Quota
from tasks.quotas import Holder
from tests.factories import NOW
from tests.tasks.measuring import YESTERDAY, again, at_work, divided, measure

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 4


def at_once(work: Callable[[int], None], count: int = PEOPLE) -> list[str]:
    """Do the work in so many connections; return how each ended."""
    start, outcomes = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
            outcomes.append("done")
        except (RuleError, StaleError):
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_the_same_day_is_entered_once(assignment, focal_point, head):
    part, other = divided(at_work(assignment), focal_point, 4, 6, settled_by=head)

    def enter(number: int) -> None:
        key = part.pk if number else other.pk
        values = {key: Decimal(number + 1)}
        figures.enter(again(assignment), by=focal_point, at=NOW, on=YESTERDAY, values=values)

    assert at_once(enter) == ["done"] * 2 + ["refused"] * (PEOPLE - 2)
    assert again(assignment).actual == sum(Figure.objects.values_list("value", flat=True))
    assert verify().ok


def test_a_figure_is_corrected_once(assignment, focal_point):
    row = at_work(assignment)
    (figure,) = figures.enter(row, by=focal_point, at=NOW, on=YESTERDAY, values={None: Decimal(9)})

    def correct(number: int) -> None:
        mine = Figure.objects.select_related("indicator__assignment__programme").get(pk=figure.pk)
        figures.correct(mine, by=focal_point, at=NOW, value=Decimal(number), reason="Đếm lại.")

    assert at_once(correct) == ["done"] + ["refused"] * (PEOPLE - 1)
    assert again(assignment).actual == Figure.objects.get(corrects=figure).value


def test_what_is_settled_is_what_was_seen(assignment, focal_point, head):
    rows = divided(at_work(assignment), focal_point, 4, 6)
    version = quotas.version_of(measure(assignment))
    shares = {Holder(locality_id=rows[0].locality_id): Decimal(3)}

    def act(number: int) -> None:
        if number:
            quotas.distribute(again(assignment), by=focal_point, at=NOW, shares=shares, version=version)
        else:
            quotas.settle(again(assignment), by=head, at=NOW, version=version)

    assert at_once(act, 2) == ["done", "refused"]
    total = sum(Quota.objects.values_list("share", flat=True))
    assert measure(assignment).is_settled == (total == 10)
