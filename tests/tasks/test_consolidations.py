"""Steps of a consolidated report: drafted, edited, gathered anew, frozen, numbered."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from tasks import consolidations, reports
from tasks.consolidations import Part, Section
from tasks.models import (
    Consolidation,
    ConsolidationParagraph,
    Programme,
    Report,
    ReportingPeriod,
)
from tasks.paragraphs import Typed
from tasks.states import CONSOLIDATION
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, figure, of, submit

pytestmark = pytest.mark.django_db
SUMMARY = Part(Section.SUMMARY)
PLANS = Part(Section.PLANS)


@pytest.fixture(autouse=True)
def quarter(programme: Programme) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def period(quarter) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("programme__host").get(code="2026-Q1")


@pytest.fixture
def sent(head, front_head) -> None:
    """Department and Front have sent their reports; the command's own is missing."""
    submit(of("SXD"), head, lines={"1.01": figure("4", "Đã rà soát 4 huyện.\n- Chờ 2 huyện.")})
    submit(of("UBMTTQ"), front_head, plans="tiếp tục  rà soát các huyện còn lại", proposals="Không")


@pytest.fixture
def draft(sent, period, officer) -> Consolidation:
    return consolidations.draft(period, by=officer, at=NOW)


def newest() -> Consolidation:
    return Consolidation.objects.select_related("period__programme__host").get()


def texts(row: Consolidation, section: str) -> list[str]:
    return list(row.paragraphs.filter(section=section).values_list("text", flat=True))


def first(row: Consolidation, **wanted: Any) -> ConsolidationParagraph:
    return row.paragraphs.filter(**wanted)[0]


# --- Steps ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """An action on a draft, who does it, the verb of its event."""

    act: Callable[..., Any]
    by: str
    verb: str
    wrong: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)


AGENCIES = ("admin", "head", "focal_point", "front_head", "viewer", "stranger")
STEPS = {
    "save": Step(
        consolidations.save,
        "officer",
        "consolidation.edited",
        (*AGENCIES, "commander", "clerk"),
        {"part": SUMMARY, "typed": Typed()},
    ),
    "add": Step(
        consolidations.add,
        "officer",
        "consolidation.paragraph_added",
        (*AGENCIES, "commander", "clerk"),
        {"part": PLANS, "text": "Kết luận chung."},
    ),
    "refresh": Step(
        consolidations.refresh, "officer", "consolidation.refreshed", (*AGENCIES, "commander", "clerk")
    ),
    "freeze": Step(
        consolidations.freeze,
        "commander",
        "consolidation.frozen",
        (*AGENCIES, "clerk"),
        {"reason": "Báo cáo Bộ Chỉ huy gửi sau."},
    ),
}


@pytest.fixture(params=STEPS, ids=str)
def step(request) -> Step:
    return STEPS[request.param]


def test_it_works(step, cast, draft):
    Consolidation.objects.update(saved_by=cast.commander)
    row = newest()
    step.act(row, by=getattr(cast, step.by), at=NOW + MINUTE, **step.extra)
    event = Event.objects.first()
    assert (event.verb, event.agency_code, event.subject_id) == (step.verb, "BCHQS", str(row.pk))
    assert newest().revision == row.revision == 1


def test_wrong_person(step, cast, draft):
    for name in step.wrong:
        with pytest.raises(PermissionDenied):
            step.act(newest(), by=getattr(cast, name), at=NOW, **step.extra)
    assert newest().revision == 0


def test_a_frozen_one_changes_no_more(step, cast, draft):
    consolidations.freeze(draft, by=cast.commander, at=NOW, reason="Đủ.")
    with pytest.raises(RuleError):
        step.act(newest(), by=getattr(cast, step.by), at=NOW, **step.extra)


def test_nothing_moves_when_the_programme_was_terminated(step, cast, draft):
    Programme.objects.update(state="terminated")
    with pytest.raises(RuleError):
        step.act(newest(), by=getattr(cast, step.by), at=NOW, **step.extra)


@pytest.mark.parametrize("name", ["save", "refresh", "freeze"])
def test_lost_race(name, cast, draft):
    step, second = STEPS[name], newest()
    seen = consolidations.version_of(second)
    consolidations.add(draft, by=cast.officer, at=NOW, part=PLANS, text="Của người khác.")
    with pytest.raises(StaleError):
        step.act(second, by=getattr(cast, step.by), at=NOW, version=seen, **step.extra)


# --- Drafting ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [*AGENCIES, "commander", "clerk"])
def test_nobody_else_drafts(name, cast, period):
    with pytest.raises(PermissionDenied):
        consolidations.draft(period, by=getattr(cast, name), at=NOW)


def test_a_period_is_consolidated_once(draft, period, officer):
    with pytest.raises(RuleError):
        consolidations.draft(period, by=officer, at=NOW)
    assert Consolidation.objects.count() == 1


def test_a_period_to_come_is_not_consolidated(period, officer):
    with pytest.raises(RuleError):
        consolidations.draft(period, by=officer, at=NOW - dt.timedelta(days=200))


def test_a_draft_takes_a_fixed_number_of_queries(sent, period, officer, django_assert_num_queries):
    with django_assert_num_queries(19):
        consolidations.draft(period, by=officer, at=NOW)


# --- Editing and gathering anew ------------------------------------------------------------------------
def edit(row: Consolidation, paragraph: ConsolidationParagraph, by: Any, text: str, *out: int) -> None:
    part = Part(Section(paragraph.section), paragraph.task)
    typed = Typed({paragraph.pk: text}, frozenset(out))
    consolidations.save(row, by=by, at=NOW, part=part, typed=typed)


def test_an_edited_paragraph_keeps_its_sources(draft, officer):
    paragraph = first(draft, section="plans", kind="words")
    edit(draft, paragraph, officer, "Các cơ quan tiếp tục rà soát.")
    stored = first(draft, pk=paragraph.pk)
    assert (stored.text, stored.is_edited) == ("Các cơ quan tiếp tục rà soát.", True)
    assert stored.sources.count() == 2


def test_what_is_left_out_is_not_read_and_not_lost(draft, officer):
    paragraph = first(draft, section="plans", kind="words")
    edit(draft, paragraph, officer, paragraph.text, paragraph.pk)
    said = [one["text"] for one in _paragraphs(consolidations.written(newest()), "plans")]
    assert paragraph.text not in said
    assert first(draft, pk=paragraph.pk).is_left_out


def _paragraphs(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    section = next(one for one in content["sections"] if one["name"] == name)
    return [paragraph for group in section["groups"] for paragraph in group["paragraphs"]]


def test_another_part_is_not_written(draft, officer):
    paragraph = first(draft, section="summary")
    typed = Typed({paragraph.pk: "Sai chỗ."})
    consolidations.save(draft, by=officer, at=NOW, part=PLANS, typed=typed)
    assert first(draft, pk=paragraph.pk).text == paragraph.text


def test_gathering_anew_keeps_what_was_edited_and_marks_what_came(draft, officer, commander):
    duty = first(draft, text__contains="1.01.")
    edit(draft, duty, officer, "Sở Xây dựng đạt 4 văn bản.")
    consolidations.add(draft, by=officer, at=NOW, part=PLANS, text="Đoạn của trợ lý.")
    submit(of("BCHQS"), commander, at=NOW + MINUTE, plans="Kiểm tra 5 huyện.")
    assert [report.agency.code for report in consolidations.behind(draft, Report.objects.all())] == ["BCHQS"]
    consolidations.refresh(draft, by=officer, at=NOW + MINUTE)
    kept = first(draft, pk=duty.pk)
    assert (kept.text, kept.is_new, kept.sources.count()) == ("Sở Xây dựng đạt 4 văn bản.", False, 1)
    assert texts(draft, "summary")[0].startswith("Có 3/3")
    assert first(draft, text__contains="Kiểm tra 5 huyện").is_new
    assert "Đoạn của trợ lý." in texts(draft, "plans")
    assert not consolidations.behind(newest(), Report.objects.all())


def test_an_edited_figure_that_changed_is_marked_and_shows_the_new_one(draft, officer, head):
    duty = first(draft, text__contains="1.01.")
    edit(draft, duty, officer, "Sở Xây dựng đạt 4 văn bản.")
    again = dt.timedelta(days=3)
    reports.return_to_agency(of("SXD"), by=officer, at=NOW, reason="Sai số.", due_on=TODAY + again)
    submit(of("SXD"), head, at=NOW + MINUTE, lines={"1.01": figure("6")})
    consolidations.refresh(draft, by=officer, at=NOW + MINUTE)
    stored = first(draft, pk=duty.pk)
    assert (stored.text, stored.figure, stored.is_new) == ("Sở Xây dựng đạt 4 văn bản.", 6, True)
    assert "6/10" in stored.drafted


def test_what_no_report_says_any_more_goes_unless_it_was_edited(draft, officer):
    plans = first(draft, section="plans", kind="words")
    edit(draft, plans, officer, "Trợ lý đã viết lại.")
    reports.return_to_agency(of("SXD"), by=officer, at=NOW, reason="Sai.", due_on=TODAY)
    reports.return_to_agency(of("UBMTTQ"), by=officer, at=NOW, reason="Sai.", due_on=TODAY)
    consolidations.refresh(draft, by=officer, at=NOW)
    assert texts(draft, "plans") == ["Trợ lý đã viết lại."]
    assert not draft.paragraphs.filter(kind="words").exclude(section="plans").exists()


# --- Freezing -------------------------------------------------------------------------------------------
def test_a_frozen_one_is_kept_with_its_hash_and_whoever_was_silent(draft, commander):
    with pytest.raises(RuleError):
        consolidations.freeze(draft, by=commander, at=NOW, reason=" ")
    consolidations.freeze(draft, by=commander, at=NOW, reason="Báo cáo gửi sau.")
    row = newest()
    assert row.content["silent"] == ["BCHQS"]
    assert consolidations.is_intact(row)
    payload = json.loads(Event.objects.first().payload)
    assert (payload["content_sha256"], payload["reason"]) == (row.content_sha256, "Báo cáo gửi sau.")


def test_the_frozen_text_does_not_follow_the_reports(draft, officer, commander):
    consolidations.freeze(draft, by=commander, at=NOW, reason="Đủ.")
    before = consolidations.written(newest())
    ConsolidationParagraph.objects.update(text="Sửa lén.")
    reports.return_to_agency(of("SXD"), by=officer, at=NOW, reason="Sai số.", due_on=TODAY)
    assert consolidations.written(newest()) == before


def test_a_changed_content_is_noticed(draft, commander):
    consolidations.freeze(draft, by=commander, at=NOW, reason="Đủ.")
    row = newest()
    row.content["silent"] = []
    assert not consolidations.is_intact(row)


def test_it_is_not_frozen_behind_its_reports(draft, commander):
    submit(of("BCHQS"), commander, at=NOW + MINUTE)
    with pytest.raises(RuleError):
        consolidations.freeze(draft, by=commander, at=NOW + MINUTE, reason="Vội.")


# --- Number and date ------------------------------------------------------------------------------------
NUMBER = {"number": "12", "issued_on": TODAY}


def test_the_records_office_notes_the_number_once(draft, cast):
    with pytest.raises(RuleError):
        consolidations.give_number(draft, by=cast.clerk, at=NOW, **NUMBER)
    consolidations.freeze(draft, by=cast.officer, at=NOW, reason="Đủ.")
    for name in (*AGENCIES, "commander"):
        with pytest.raises(PermissionDenied):
            consolidations.give_number(newest(), by=getattr(cast, name), at=NOW, **NUMBER)
    second, seen = newest(), consolidations.version_of(newest())
    consolidations.give_number(draft, by=cast.clerk, at=NOW, **NUMBER)
    assert (newest().number, newest().issued_on) == ("12", TODAY)
    with pytest.raises(RuleError):
        consolidations.give_number(newest(), by=cast.clerk, at=NOW, **NUMBER)
    with pytest.raises(StaleError):
        consolidations.give_number(second, by=cast.clerk, at=NOW, version=seen, **NUMBER)


@pytest.mark.parametrize("days", [-1, 1])
def test_it_is_issued_between_freezing_and_today(draft, officer, days):
    consolidations.freeze(draft, by=officer, at=NOW, reason="Đủ.")
    day = TODAY + dt.timedelta(days=days)
    with pytest.raises(RuleError):
        consolidations.give_number(draft, by=officer, at=NOW, number="12", issued_on=day)


def test_freezing_is_the_one_move_of_the_table():
    assert {(source, to) for source, targets in CONSOLIDATION.items() for to in targets} == {
        ("draft", "frozen")
    }


def test_what_was_new_in_the_draft_is_not_marked_in_the_frozen_text(draft, officer, commander):
    submit(of("BCHQS"), commander, at=NOW + MINUTE)
    consolidations.refresh(draft, by=officer, at=NOW + MINUTE)
    assert any(one["is_new"] for one in _paragraphs(consolidations.written(newest()), "summary"))
    consolidations.freeze(draft, by=commander, at=NOW + MINUTE)
    assert not any(one["is_new"] for one in _paragraphs(consolidations.written(newest()), "summary"))
