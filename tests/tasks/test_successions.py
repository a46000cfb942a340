"""Agencies that move on within one change: A to B while B goes to C."""

from decimal import Decimal

import pytest

from tasks.models import Cooperation, Coordination, Figure, Indicator, Quota
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing
from tests.tasks.changing import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def chain(programme, officer, commander):
    """First coordinates and has 4, second coordinates and has 6; the change moves them one on."""
    first, second, third = (
        factories.AgencyFactory(code=code, valid_from=day)
        for code, day in {"A": None, "B": None, "C": TODAY}.items()
    )
    for order, agency in enumerate((first, second), 10):
        factories.SignatoryFactory(programme=programme, agency=agency, order=order)
    row = programme.assignments.get(code="1.01")
    indicator = Indicator.objects.create(assignment=row)
    for order, (agency, share) in enumerate(((first, 4), (second, 6)), 10):
        factories.CoordinationFactory(
            assignment=row, agency=agency, order=order, deliverable=f"của {agency.code}"
        )
        Quota.objects.create(indicator=indicator, agency=agency, share=share)
    plan = changing.plan("merge", [first, second], [second, third], by=officer)
    keys = {(row.pk, first.pk): second.pk, (row.pk, second.pk): third.pk}
    changing.changes.choose(plan, by=officer, at=NOW, choices=changing.Choices(keys, {}))
    return plan


def carry_out(plan, officer, commander):
    changing.changes.propose(plan, by=officer, at=NOW)
    changing.changes.confirm(plan, by=commander, at=NOW)


def test_each_moves_on_by_one(chain, officer, commander):
    carry_out(chain, officer, commander)
    assert parts_of("1.01")[1] == ["UBMTTQ", "B", "C"]
    said = dict(
        Coordination.objects.filter(assignment__code="1.01").values_list("agency__code", "deliverable")
    )
    assert (said["B"], said["C"]) == ("của A", "của B")
    assert dict(Quota.objects.values_list("agency__code", "share")) == {"B": Decimal(4), "C": Decimal(6)}


def test_share_that_meets_another_leaves_its_place(chain, officer, commander):
    """The third has a share already: the second's goes into it, and the first's comes after."""
    held = Quota.objects.get(agency__code="B")
    third = chain.successors.get(agency__code="C").agency
    Quota.objects.create(indicator=held.indicator, agency=third, share=5)
    Figure.objects.create(indicator=held.indicator, quota=held, on=TODAY, value=2, at=NOW, by=officer)
    carry_out(chain, officer, commander)
    assert dict(Quota.objects.values_list("agency__code", "share")) == {"B": Decimal(4), "C": Decimal(11)}
    assert Figure.objects.get().quota == held


def test_cooperation_goes_on_with_its_share(chain, officer, commander):
    shares = {share.agency.code: share for share in Coordination.objects.filter(agency__code__in=["A", "B"])}
    for code, share in shares.items():
        Cooperation.objects.create(share=share, request=f"đề nghị {code}", due_on=TODAY)
    keys = dict(Cooperation.objects.values_list("request", "pk"))
    carry_out(chain, officer, commander)
    rows = Cooperation.objects.values_list("share__agency__code", "request", "pk")
    assert {code: (request, pk) for code, request, pk in rows} == {
        "B": ("đề nghị A", keys["đề nghị A"]),
        "C": ("đề nghị B", keys["đề nghị B"]),
    }
