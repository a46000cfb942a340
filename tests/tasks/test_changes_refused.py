"""What stands in the way of a change of agencies, and that one that fails keeps back no other."""

import datetime as dt

import pytest
from django.db import IntegrityError

from portal.agencies.models import Agency
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from tasks import change_checks, changes, rounds, successions, takeovers
from tasks.models import ChangePlan, Programme
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def renaming(programme, department, officer) -> ChangePlan:
    new = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY)
    return changing.plan("rename", [department], [new], by=officer)


def proposed(plan, officer) -> ChangePlan:
    changing.choose(plan, by=officer)
    changes.propose(plan, by=officer, at=NOW)
    return plan


# --- Faults -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "said"),
    [(ValueError("broken"), "Lỗi ngoài dự kiến"), (IntegrityError("quota_of_agency_once\nx"), "quota_of")],
    ids=["anything", "database"],
)
def test_one_that_fails_keeps_back_no_other(
    renaming, front, officer, commander, monkeypatch, caplog, fault, said
):
    other = factories.AgencyFactory(code="MTTQ-2026", valid_from=TODAY)
    second = changing.plan("rename", [front], [other], by=officer)
    Programme.objects.update(co_host=None)
    for plan in (renaming, second):
        proposed(plan, officer)
    ChangePlan.objects.update(state="confirmed", confirmed_by=commander, confirmed_at=NOW)
    whole = successions.carry_out

    def failing(plan, **given):
        if plan.pk == renaming.pk:
            raise fault
        return whole(plan, **given)

    monkeypatch.setattr(successions, "carry_out", failing)
    assert changes.carry_out_due(at=NOW + DAY) == 1
    renaming.refresh_from_db()
    assert (renaming.state, Agency.objects.get(code="SXD").valid_to) == ("confirmed", None)
    assert said in renaming.refusal
    assert renaming.reference in caplog.text
    assert Notice.objects.filter(kind="agency_change.refused", recipient=officer).count() == 1


def test_who_confirms_reads_what_the_database_refused(renaming, officer, commander, monkeypatch):
    def failing(plan, **given):
        plan.predecessors.get().delete()  # signatories and much else protect it

    monkeypatch.setattr(successions, "carry_out", failing)
    proposed(renaming, officer)
    with pytest.raises(RuleError, match=r"còn dữ liệu gắn với.*bên ký kết"):
        changes.confirm(renaming, by=commander, at=NOW)


# --- Rounds -------------------------------------------------------------------------------------------
def test_text_out_for_comment_comes_first(renaming, officer, commander):
    proposed(renaming, officer)
    Programme.objects.update(state="consulting")
    with pytest.raises(RuleError, match="2026 đang lấy ý kiến"):
        changes.confirm(renaming, by=commander, at=NOW)


def test_amendment_out_for_signing_comes_first(renaming, programme, officer, commander, monkeypatch):
    proposed(renaming, officer)
    assert rounds.amended() == set()
    monkeypatch.setattr(rounds, "_asked", [lambda: Programme.objects.values_list("pk", flat=True)])
    with pytest.raises(RuleError, match="phụ lục của chương trình năm 2026"):
        changes.confirm(renaming, by=commander, at=NOW)
    assert takeovers.amending(renaming) == [programme]


# --- Agencies that were entered for a plan --------------------------------------------------------------
@pytest.fixture
def entered(renaming, officer) -> Agency:
    new = Agency(code="SXD-MOI", name_vi="Sở mới", kind="department", signature_block="GIÁM ĐỐC")
    return changes.add_successor(renaming, by=officer, at=NOW, agency=new)


def test_draft_whose_new_agency_has_a_post_says_so(renaming, entered, officer):
    factories.MembershipFactory(agency=entered)
    with pytest.raises(RuleError, match=r"còn dữ liệu gắn với.*chức vụ"):
        changes.discard(renaming, by=officer, at=NOW)
    assert ChangePlan.objects.get().state == "draft"


@pytest.mark.parametrize("state", ["draft", "proposed"])
def test_choice_of_another_plan_goes_or_forbids_it(renaming, entered, head, department, officer, state):
    """What two people are about to decide is not taken out of their hands."""
    other = factories.AgencyFactory(valid_from=TODAY)
    beside = changing.plan("rename", [department], [other], by=officer)
    choices = changes.Choices({}, {head.memberships.get().pk: (entered.pk, head.role)})
    changes.choose(beside, by=officer, at=NOW, choices=choices)
    given = {"state": state, "proposed_by": officer, "proposed_at": NOW}
    ChangePlan.objects.filter(pk=beside.pk).update(**given)
    if state == "draft":
        changes.discard(renaming, by=officer, at=NOW)
        assert not beside.post_moves.exists()
        return
    with pytest.raises(RuleError, match=beside.reference):
        changes.discard(renaming, by=officer, at=NOW)
    assert beside.post_moves.exists()


def test_first_line_alone_of_the_database_is_told():
    said = change_checks.hanging(IntegrityError("duplicate key\nDETAIL: (a)=(1)"))
    assert "duplicate key" in said
    assert "DETAIL" not in said
