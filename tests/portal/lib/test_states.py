"""move() and move_all(): the only code that writes a state."""

import pytest

from portal.lib.errors import RuleError
from portal.lib.states import move, move_all
from tasks.models import Assignment, Programme
from tasks.states import ASSIGNMENT, PROGRAMME

pytestmark = pytest.mark.django_db


def test_move_writes_state_and_changes(draft_programme):
    move(draft_programme, "settled", PROGRAMME, place="Thanh Hoá")
    stored = Programme.objects.get()
    assert (stored.state, stored.place) == (draft_programme.state, draft_programme.place)
    assert (stored.state, stored.place) == ("settled", "Thanh Hoá")


def test_move_writes_nothing_else(draft_programme):
    draft_programme.symbol = "not to be saved"
    move(draft_programme, "settled", PROGRAMME)
    assert Programme.objects.get().symbol == "CTr-BCHQS-MTTQ"


def test_move_believes_the_database_not_the_object(draft_programme):
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError):
        move(draft_programme, "settled", PROGRAMME)
    assert Programme.objects.get().state == "closed"


def test_final_state_has_no_way_out(draft_programme):
    Programme.objects.update(state="closed")
    for state in PROGRAMME:
        with pytest.raises(RuleError):
            move(draft_programme, state, PROGRAMME)


def test_refusal_names_the_present_state(draft_programme):
    Programme.objects.update(state="terminated")
    with pytest.raises(RuleError) as refusal:
        move(draft_programme, "settled", PROGRAMME)
    label = dict(Programme._meta.get_field("state").flatchoices)["terminated"]
    assert str(label) in str(refusal.value)


def test_move_all_writes_every_row(draft_programme):
    rows = draft_programme.assignments.all()
    assert move_all(rows, "assigned", ASSIGNMENT, field="status") == 3
    assert set(rows.values_list("status", flat=True)) == {"assigned"}


def test_move_all_refuses_the_whole(programme):
    Assignment.objects.filter(code="1.02").update(status="cancelled")
    with pytest.raises(RuleError):
        move_all(programme.assignments.all(), "accepted", ASSIGNMENT, field="status")
