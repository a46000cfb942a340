"""Comments: who writes what about what, who is called upon, and what becomes of it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices import kinds
from portal.notices.kinds import Group
from portal.notices.models import Notice
from portal.users.models import Membership
from tasks import comment_access, comment_reminders, comments
from tasks.models import Clause, Comment, PartyHeir, Programme
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import of

SOON = NOW + dt.timedelta(minutes=14)
LATE = NOW + dt.timedelta(minutes=16)


def say(subject, by, text="Đề nghị cho ý kiến.", **given):
    return comments.add(subject, by=by, at=NOW, text=text, **given)


@pytest.fixture
def subjects(programme, assignment):
    """One of each: of the department with the Front, of all parties, of the department."""
    reporting.first_quarter(programme)
    return {"assignment": fresh(assignment), "clause": Clause.objects.get(), "report": of("SXD")}


# --- Who ------------------------------------------------------------------------------------------------
READERS = {
    "assignment": {"officer", "commander", "clerk", "head", "deputy", "focal_point", "front_head"},
    "clause": {"officer", "commander", "clerk", "head", "deputy", "focal_point", "front_head"},
    "report": {"officer", "commander", "clerk", "head", "deputy", "focal_point"},
}
EVERYBODY = sorted(READERS["clause"] | {"admin", "viewer", "stranger"})


@pytest.mark.parametrize("kind", READERS)
def test_those_who_take_part_read_and_all_but_the_clerk_write(subjects, cast, officer, kind):
    subject = subjects[kind]
    say(subject, officer)
    for name in EVERYBODY:
        user = getattr(cast, name)
        assert comment_access.may_read(user, subject) == (name in READERS[kind]), name
        assert comment_access.visible_comments(user).exists() == (name in READERS[kind]), name
        if name in READERS[kind] - {"clerk"}:
            say(subject, user)
        else:
            with pytest.raises(PermissionDenied):
                say(subject, user)


def test_who_came_into_the_place_of_a_party_talks_of_its_clauses(subjects, stranger, department):
    clause = subjects["clause"]
    heir = {"agency": stranger.post.agency, "predecessor": department, "since_on": TODAY}
    PartyHeir.objects.create(programme=clause.programme, **heir)
    assert comment_access.may_read(stranger, clause)
    say(clause, stranger)
    assert comment_access.visible_comments(stranger).exists()


def test_an_internal_comment_is_its_agencys_alone(subjects, cast, focal_point):
    say(subjects["assignment"], focal_point, is_internal=True)
    readers = {name for name in EVERYBODY if comment_access.visible_comments(getattr(cast, name)).exists()}
    assert readers == {"head", "deputy", "focal_point"}


# --- Mentions ---------------------------------------------------------------------------------------------
def test_who_is_mentioned_hears_until_it_is_gone(subjects, focal_point, officer, front_head):
    row = say(subjects["assignment"], focal_point, mentioned=[officer.pk, front_head.pk])
    told = Notice.objects.filter(kind="comment.mentioned")
    assert set(told.values_list("recipient", flat=True)) == {officer.pk, front_head.pk}
    assert row.text not in told.first().text_vi, "the words stay in the portal"
    assert comment_reminders.MENTIONED.path(row.pk).endswith(f"#comment-{row.pk}")
    assert "comment.mentioned" in kinds.optional_codes([Group.DUTY]), "its mail can be switched off"
    comments.delete(row, by=focal_point, at=NOW)
    assert not told.filter(read_at=None).exists()
    assert comment_reminders.MENTIONED.still_due(list(told), TODAY) == set()


@pytest.mark.parametrize(
    ("kind", "name", "is_internal"),
    [
        ("assignment", "viewer", False),
        ("assignment", "admin", False),
        ("assignment", "stranger", False),
        ("report", "front_head", False),
        ("assignment", "officer", True),
    ],
)
def test_nobody_is_mentioned_who_may_not_read_it(subjects, cast, focal_point, kind, name, is_internal):
    with pytest.raises(RuleError):
        say(subjects[kind], focal_point, mentioned=[getattr(cast, name).pk], is_internal=is_internal)
    assert not Comment.objects.exists()


def test_whose_post_has_ended_is_not_mentioned(subjects, focal_point, officer):
    Membership.objects.filter(user=officer).update(valid_to=TODAY - dt.timedelta(days=1))
    with pytest.raises(RuleError):
        say(subjects["assignment"], focal_point, mentioned=[officer.pk])


# --- What is said -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["  ", "x" * 2001, "Gửi kèm\nMẬT\nkế hoạch"])
def test_empty_long_and_marked_texts_are_refused(subjects, focal_point, text):
    with pytest.raises(RuleError):
        say(subjects["assignment"], focal_point, text=text)


@pytest.mark.parametrize("state", ["settled", "closed", "terminated"])
def test_nothing_is_said_of_what_is_drafted_or_over(subjects, focal_point, state):
    Programme.objects.update(state=state)
    with pytest.raises(RuleError):
        say(subjects["assignment"], focal_point)


def test_the_trail_keeps_the_hash_and_not_the_words(subjects, focal_point):
    row = say(subjects["assignment"], focal_point, text="Chỉ nội bộ", is_internal=True)
    comments.edit(row, by=focal_point, at=SOON, text="Đã sửa lời")
    comments.delete(row, by=focal_point, at=LATE)
    events = list(Event.objects.filter(verb__startswith="comment.").order_by("seq"))
    assert [event.verb for event in events] == ["comment.added", "comment.edited", "comment.deleted"]
    assert len({event.payload[-80:] for event in events[:2]}) == 2
    assert not [event for event in events if "nội bộ" in event.payload or "sửa lời" in event.payload]
    assert {event.agency_code for event in events} == {"SXD"}


# --- Mended and deleted ---------------------------------------------------------------------------------
def test_its_writer_mends_it_for_a_quarter_of_an_hour(subjects, focal_point, head, officer):
    row = say(subjects["assignment"], focal_point)
    comments.edit(row, by=focal_point, at=SOON, text="Lời mới", version=comments.version_of(row))
    assert (row.text, row.edited_at) == ("Lời mới", SOON)
    with pytest.raises(RuleError):
        comments.edit(row, by=focal_point, at=LATE, text="Lời muộn")
    for other in (head, officer):
        with pytest.raises(PermissionDenied):
            comments.edit(row, by=other, at=SOON, text="Lời người khác")


def test_an_older_page_does_not_overwrite(subjects, focal_point):
    row = say(subjects["assignment"], focal_point)
    version = comments.version_of(row)
    comments.edit(row, by=focal_point, at=SOON, text="Từ thẻ thứ nhất", version=version)
    with pytest.raises(StaleError):
        comments.edit(row, by=focal_point, at=SOON, text="Từ thẻ thứ hai", version=version)


def test_who_left_the_agency_mends_nothing_of_it(subjects, focal_point, host):
    row = say(subjects["assignment"], focal_point)
    Membership.objects.filter(user=focal_point).update(agency=host)
    moved = type(focal_point).objects.get(pk=focal_point.pk)
    with pytest.raises(PermissionDenied):
        comments.edit(row, by=moved, at=SOON, text="Lời mới")


def test_deleting_leaves_who_and_when(subjects, focal_point, head, officer):
    row = say(subjects["assignment"], focal_point)
    with pytest.raises(PermissionDenied):
        comments.delete(row, by=head, at=LATE)
    comments.delete(row, by=officer, at=LATE)
    assert (row.text, row.deleted_by, row.deleted_at) == ("", officer, LATE)
    with pytest.raises(RuleError):
        comments.delete(row, by=focal_point, at=LATE)
    with pytest.raises(RuleError):
        comments.edit(row, by=focal_point, at=SOON, text="Lời mới")


def test_the_command_does_not_delete_what_is_internal(subjects, focal_point, officer):
    row = say(subjects["assignment"], focal_point, is_internal=True)
    with pytest.raises(PermissionDenied):
        comments.delete(row, by=officer, at=LATE)
