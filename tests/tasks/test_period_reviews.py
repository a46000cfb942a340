"""Steps of a review: drafted, edited, gathered anew, frozen, given back, approved, numbered."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import period_reviews
from tasks.models import ApprovedReview, PeriodReview, Programme, ReportingPeriod, ReviewParagraph
from tasks.paragraphs import Typed
from tasks.period_review_contents import Section
from tasks.states import REVIEW
from tests.factories import NOW, TODAY
from tests.tasks import reviewing
from tests.tasks.reviewing import MINUTE, UNTIL, newest

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def period(programme: Programme) -> ReportingPeriod:
    return reviewing.half(programme)


@pytest.fixture
def draft(period, officer) -> PeriodReview:
    return reviewing.drafted(period, officer)


@pytest.fixture
def frozen(draft, officer) -> PeriodReview:
    period_reviews.freeze(draft, by=officer, at=NOW)
    return draft


@pytest.fixture
def approved(frozen, commander) -> ApprovedReview:
    return period_reviews.approve(frozen, by=commander, at=NOW)


def texts(row: PeriodReview, section: str) -> list[str]:
    return list(row.paragraphs.filter(section=section).values_list("text", flat=True))


# --- Steps ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """An action, who does it, the verb of its event, in which state, and who may not."""

    act: Callable[..., Any]
    by: str
    verb: str
    state: str
    wrong: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)


AGENCIES = ("admin", "clerk", "head", "focal_point", "front_head", "viewer", "stranger")
NOT_OFFICER, NOT_COMMANDER = (*AGENCIES, "commander"), (*AGENCIES, "officer")
STEPS = {
    "save": Step(
        period_reviews.save,
        "officer",
        "review.edited",
        "draft",
        NOT_OFFICER,
        {"section": Section.LESSONS, "typed": Typed()},
    ),
    "add": Step(
        period_reviews.add,
        "officer",
        "review.paragraph_added",
        "draft",
        NOT_OFFICER,
        {"section": Section.LESSONS, "text": "Bài học."},
    ),
    "address": Step(
        period_reviews.address,
        "officer",
        "review.addressed",
        "draft",
        NOT_OFFICER,
        {"recipients": "- Các bên;\nLưu: VT."},
    ),
    "refresh": Step(period_reviews.refresh, "officer", "review.refreshed", "draft", NOT_OFFICER),
    "freeze": Step(period_reviews.freeze, "officer", "review.frozen", "draft", NOT_OFFICER),
    "give_back": Step(
        period_reviews.give_back,
        "commander",
        "review.given_back",
        "proposed",
        NOT_COMMANDER,
        {"reason": "Viết gọn lại."},
    ),
    "approve": Step(period_reviews.approve, "commander", "review.approved", "proposed", NOT_COMMANDER),
}


@pytest.fixture(params=STEPS, ids=str)
def step(request) -> Step:
    return STEPS[request.param]


@pytest.fixture
def in_its_state(step, draft, cast) -> PeriodReview:
    if step.state == "proposed":
        period_reviews.freeze(draft, by=cast.officer, at=NOW)
    PeriodReview.objects.update(saved_by=cast.commander)
    return newest()


def test_it_works(step, cast, in_its_state):
    before = in_its_state.revision
    step.act(in_its_state, by=getattr(cast, step.by), at=NOW + MINUTE, **step.extra)
    event = Event.objects.first()
    assert (event.verb, event.agency_code) == (step.verb, "BCHQS")
    assert newest().revision == before + 1


def test_wrong_person(step, cast, in_its_state):
    before = in_its_state.revision
    for name in step.wrong:
        with pytest.raises(PermissionDenied):
            step.act(newest(), by=getattr(cast, name), at=NOW, **step.extra)
    assert newest().revision == before


def test_wrong_state(step, cast, in_its_state):
    other = "draft" if step.state == "proposed" else "proposed"
    empty = {"content": None, "content_sha256": "", "frozen_at": None, "frozen_by": None}
    full = {"content": {}, "content_sha256": "0" * 64, "frozen_at": NOW, "frozen_by": cast.officer}
    PeriodReview.objects.update(state=other, **(empty if other == "draft" else full))
    with pytest.raises(RuleError):
        step.act(newest(), by=getattr(cast, step.by), at=NOW, **step.extra)


def test_nothing_moves_when_the_programme_was_terminated(step, cast, in_its_state):
    Programme.objects.update(state="terminated")
    with pytest.raises(RuleError):
        step.act(newest(), by=getattr(cast, step.by), at=NOW, **step.extra)


@pytest.mark.parametrize("name", [name for name in STEPS if name != "add"])
def test_lost_race(name, cast, draft):
    step = STEPS[name]
    if step.state == "proposed":
        period_reviews.freeze(draft, by=cast.officer, at=NOW)
    seen = period_reviews.version_of(newest())
    PeriodReview.objects.update(revision=99)
    with pytest.raises(StaleError):
        step.act(newest(), by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)


def test_the_moves_of_the_table():
    assert {(source, to) for source, targets in REVIEW.items() for to in targets} == {
        ("draft", "proposed"),
        ("proposed", "draft"),
        ("proposed", "approved"),
    }


# --- Drafting ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NOT_OFFICER)
def test_nobody_else_drafts(name, cast, period):
    with pytest.raises(PermissionDenied):
        period_reviews.draft(period, by=getattr(cast, name), at=NOW)


def test_a_period_is_reviewed_once(draft, period, officer):
    with pytest.raises(RuleError):
        period_reviews.draft(period, by=officer, at=NOW)
    assert PeriodReview.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"kind": "quarterly"}, {"data_to": TODAY, "due_on": TODAY}], ids=["quarter", "not over"]
)
def test_only_a_half_year_or_a_year_that_is_over_is_reviewed(programme, officer, changes):
    with pytest.raises(RuleError):
        period_reviews.draft(reviewing.half(programme, **changes), by=officer, at=NOW)


def test_a_draft_names_its_recipients(draft):
    assert draft.recipients.splitlines() == [
        "Quân khu 4 (để báo cáo)",
        "Các cơ quan, đơn vị ký kết",
        "Lưu: VT",
    ]


def test_recipients_are_kept_without_hyphens_and_marks(draft, officer):
    period_reviews.address(draft, by=officer, at=NOW, recipients="- Các bên;\n\nLưu: VT.")
    assert period_reviews.written(newest())["recipients"] == ["Các bên", "Lưu: VT"]
    with pytest.raises(RuleError):
        period_reviews.address(newest(), by=officer, at=NOW, recipients=" \n- ;")


# --- Editing and gathering anew ------------------------------------------------------------------------
def edit(row: PeriodReview, paragraph: ReviewParagraph, by: Any, text: str, *out: int) -> None:
    typed = Typed({paragraph.pk: text}, frozenset(out))
    period_reviews.save(row, by=by, at=NOW, section=Section(paragraph.section), typed=typed)


def test_an_edited_paragraph_keeps_its_sources(draft, officer):
    paragraph = draft.paragraphs.get(key="task:1")
    edit(draft, paragraph, officer, "Hai nhiệm vụ, chưa xong.")
    stored = draft.paragraphs.get(pk=paragraph.pk)
    assert (stored.text, stored.is_edited) == ("Hai nhiệm vụ, chưa xong.", True)
    assert [one["kind"] for one in stored.sources] == ["assignment", "assignment"]


def test_what_is_left_out_is_not_read_and_not_lost(draft, officer):
    paragraph = draft.paragraphs.get(key="task:1")
    edit(draft, paragraph, officer, paragraph.text, paragraph.pk)
    assert paragraph.text not in json.dumps(period_reviews.written(newest()), ensure_ascii=False)
    assert draft.paragraphs.get(pk=paragraph.pk).is_left_out


def test_another_section_is_not_written(draft, officer):
    paragraph = draft.paragraphs.get(key="task:1")
    typed = Typed({paragraph.pk: "Sai chỗ."})
    period_reviews.save(draft, by=officer, at=NOW, section=Section.LESSONS, typed=typed)
    assert draft.paragraphs.get(pk=paragraph.pk).text == paragraph.text


def test_gathering_anew_keeps_what_was_edited_and_follows_with_the_rest(draft, programme, officer):
    edited = draft.paragraphs.get(key="task:1")
    edit(draft, edited, officer, "Theo ý trợ lý.")
    reviewing.finish(programme.assignments.get(code="1.02"), UNTIL - DAY)
    assert period_reviews.refresh(draft, by=officer, at=NOW)
    kept = draft.paragraphs.get(pk=edited.pk)
    assert (kept.text, kept.is_new) == ("Theo ý trợ lý.", True)
    assert "hoàn thành 1/2" in kept.drafted.lower()
    assert "hoàn thành 1/2" in draft.paragraphs.get(key="total").text
    assert not draft.paragraphs.filter(key="overdue:1").exists(), "nothing is overdue any more"
    assert texts(draft, "lessons") == [reviewing.WRITTEN[Section.LESSONS]]


def test_an_edited_paragraph_whose_ground_went_stays_without_a_source(draft, programme, officer):
    edited = draft.paragraphs.get(key="overdue:1")
    edit(draft, edited, officer, "Một việc còn chậm.")
    reviewing.finish(programme.assignments.get(code="1.02"), UNTIL - DAY)
    period_reviews.refresh(draft, by=officer, at=NOW)
    stored = draft.paragraphs.get(pk=edited.pk)
    assert (stored.text, stored.sources, stored.is_new) == ("Một việc còn chậm.", [], True)


# --- Freezing and deciding --------------------------------------------------------------------------------
def test_it_is_not_frozen_behind_its_figures(draft, programme, officer):
    reviewing.finish(programme.assignments.get(code="1.02"), UNTIL - DAY)
    with pytest.raises(RuleError):
        period_reviews.freeze(draft, by=officer, at=NOW)
    period_reviews.refresh(newest(), by=officer, at=NOW)
    period_reviews.freeze(newest(), by=officer, at=NOW)


@pytest.mark.parametrize("section", reviewing.WRITTEN, ids=str)
def test_it_is_not_frozen_while_a_section_that_somebody_writes_is_empty(draft, officer, section):
    draft.paragraphs.filter(section=section).update(is_left_out=True)
    with pytest.raises(RuleError):
        period_reviews.freeze(draft, by=officer, at=NOW)


def test_a_frozen_one_is_kept_with_its_hash_and_follows_nothing(frozen, programme):
    before = period_reviews.written(newest())
    assert period_reviews.is_intact(newest())
    assert json.loads(Event.objects.first().payload)["content_sha256"] == newest().content_sha256
    ReviewParagraph.objects.update(text="Sửa lén.")
    reviewing.finish(programme.assignments.get(code="1.02"), UNTIL - DAY)
    assert period_reviews.written(newest()) == before


def test_what_was_given_back_can_be_changed_and_frozen_again(frozen, officer, commander):
    with pytest.raises(RuleError):
        period_reviews.give_back(frozen, by=commander, at=NOW, reason=" ")
    period_reviews.give_back(newest(), by=commander, at=NOW, reason="Viết gọn lại.")
    row = newest()
    assert (row.state, row.return_reason, row.content) == ("draft", "Viết gọn lại.", None)
    period_reviews.freeze(row, by=officer, at=NOW)
    assert newest().return_reason == ""


def test_a_second_person_approves(frozen, commander):
    PeriodReview.objects.update(frozen_by=commander)
    with pytest.raises(RuleError):
        period_reviews.approve(newest(), by=commander, at=NOW)
    assert not ApprovedReview.objects.exists()


def test_the_database_wants_a_second_person_too(frozen, officer):
    row = newest()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovedReview.objects.create(
            period=row.period, content={}, content_sha256="0", frozen_at=NOW, frozen_by=officer,
            approved_at=NOW, approved_by=officer,
        )  # fmt: skip


def test_a_content_that_was_changed_is_not_approved(frozen, commander):
    row = newest()
    PeriodReview.objects.update(content=row.content | {"kind": "annual"})
    with pytest.raises(RuleError):
        period_reviews.approve(newest(), by=commander, at=NOW)


@pytest.mark.both
def test_what_was_approved_is_written_once(approved):
    for changes in ({"content": {}}, {"content_sha256": "0"}, {"approved_at": NOW + DAY}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            ApprovedReview.objects.update(**changes)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ApprovedReview.objects.all()._raw_delete("default")


# --- Number and date ------------------------------------------------------------------------------------
NUMBER = {"number": "12", "issued_on": TODAY}


def test_the_records_office_notes_the_number_once(approved, cast):
    for name in ("admin", "commander", "head", "focal_point", "front_head", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            period_reviews.give_number(approved, by=getattr(cast, name), at=NOW, **NUMBER)
    period_reviews.give_number(approved, by=cast.clerk, at=NOW, **NUMBER)
    assert (approved.number, approved.issued_on) == ("12", TODAY)
    assert Event.objects.first().verb == "review.numbered"
    with pytest.raises(RuleError):
        period_reviews.give_number(approved, by=cast.clerk, at=NOW, **NUMBER)


@pytest.mark.parametrize("changes", [{"issued_on": TODAY - DAY}, {"issued_on": TODAY + DAY}, {"number": " "}])
def test_a_number_has_its_day_from_approval_to_today(approved, officer, changes):
    with pytest.raises(RuleError):
        period_reviews.give_number(approved, by=officer, at=NOW, **(NUMBER | changes))


# --- Who is told ----------------------------------------------------------------------------------------
def told(kind: str) -> set[str]:
    open_ones = Notice.objects.filter(kind=f"review.{kind}", read_at=None)
    return set(open_ones.values_list("recipient__username", flat=True))


def test_commander_officer_and_parties_are_told(cast, draft):
    period_reviews.freeze(draft, by=cast.officer, at=NOW)
    assert told("proposed") == {cast.commander.username}
    period_reviews.give_back(newest(), by=cast.commander, at=NOW, reason="Gọn lại.")
    assert told("given_back") == {cast.officer.username}
    assert told("proposed") == set()
    period_reviews.freeze(newest(), by=cast.officer, at=NOW + MINUTE)
    assert told("given_back") == set()
    period_reviews.approve(newest(), by=cast.commander, at=NOW + MINUTE)
    assert told("approved") == {cast.front_head.username, cast.head.username, cast.focal_point.username}
