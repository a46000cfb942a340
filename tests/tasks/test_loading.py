"""Loading a programme file: what it writes, that it writes it once, and what it leaves alone."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import models

from portal.agencies.models import Agency, AgencyChange, Succession
from portal.audit.models import Event
from portal.operations.demo.building import FILE as WHOLE
from tasks.deadlines import Timeliness
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    ExtensionRequest,
    LegalBasis,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    ReportingPeriod,
    Signatory,
    Solution,
)
from tasks.programmes import content, gaps
from tasks.states import ProgrammeState
from tests.tasks.programme_files import SMALL, changed

pytestmark = pytest.mark.django_db
D = dt.date
NOUNS: tuple[type[models.Model], ...] = (
    Agency,
    AgencyChange,
    Succession,
    LegalBasis,
    ProgrammeBasis,
    Programme,
    Signatory,
    Clause,
    PriorityTask,
    Solution,
    Assignment,
    Coordination,
    ReportingPeriod,
    Event,
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def load(path: Path, *options: str) -> None:
    call_command("load_programme", str(path), *options, verbosity=0)


def everything() -> dict[str, list[dict[str, object]]]:
    return {noun.__name__: list(noun._default_manager.order_by("pk").values()) for noun in NOUNS}


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(changed(old, new))


# --- The demonstration file, whole ----------------------------------------------------------------
def test_whole_file_gives_every_row() -> None:
    load(WHOLE)
    programme = Programme.objects.get(year=2023)
    assert Agency.objects.count() == 61
    assert AgencyChange.objects.count() == 10
    assert programme.signatories.count() == 46
    assert programme.priority_tasks.count() == 5
    assert programme.solutions.count() == 8
    assert programme.assignments.count() == 60
    assert programme.periods.count() == 7
    assert programme.clauses.count() == 9
    assert programme.bases.count() == 5


def test_whole_file_is_ready_to_be_settled() -> None:
    load(WHOLE)
    assert gaps(Programme.objects.get(year=2023)) == []


def test_named_half_years_and_years_have_a_day_of_review() -> None:
    load(WHOLE)
    days = dict(ReportingPeriod.objects.exclude(review_due_on=None).values_list("code", "review_due_on"))
    assert days == {"2023-H1": D(2023, 7, 10), "2023-Y": D(2023, 12, 31)}


def test_programme_comes_in_as_a_draft() -> None:
    load(WHOLE)
    assert Programme.objects.get().state == ProgrammeState.DRAFT


def test_file_without_wordings_gets_the_usual_ones(tmp_path: Path) -> None:
    """The preset says what the demonstration file says itself."""
    load(WHOLE)
    said = content(Programme.objects.get(year=2023))
    source = yaml.safe_load(WHOLE.read_text())
    for section in ("legal_bases", "clauses", "recipients"):
        del source[section]
    bare = tmp_path / "bare.yaml"
    bare.write_text(yaml.safe_dump(source, allow_unicode=True))
    load(bare)
    assert content(Programme.objects.get(year=2023)) == said


# --- The small file, looked at closely ------------------------------------------------------------
def test_assignment_has_lead_partners_solutions_and_figures(small: Path) -> None:
    load(small)
    first, second = Assignment.objects.order_by("code")
    assert first.lead.code == "BCHQS"
    assert [share.agency.code for share in first.coordinations.order_by("order")] == ["SXD", "UBMTTQ"]
    assert (second.cycle, second.start_on, second.target) == ("quarterly", D(2023, 2, 1), Decimal("12.5"))
    assert sorted(second.solutions.values_list("number", flat=True)) == [1, 2]
    assert first.folded == "1.01 viec mot nam 2023"


def test_symbol_comes_from_type_and_hosts(small: Path) -> None:
    load(small)
    assert Programme.objects.get().symbol == "CTr-BCHQS-MTTQ"


def test_host_and_front_sign_on_the_main_page(small: Path) -> None:
    load(small)
    places = dict(Signatory.objects.values_list("agency__code", "place"))
    assert places == {"BCHQS": "main", "UBMTTQ": "main", "SXD": "annex"}


def test_periods_of_the_decree_stand_in(small: Path) -> None:
    load(small)
    period = ReportingPeriod.objects.get(code="2023-H1")
    assert period.review_due_on == D(2023, 7, 10)
    assert (period.data_from, period.data_to) == (D(2022, 12, 15), D(2023, 6, 14))


def test_later_agency_signs_as_its_predecessor(small: Path) -> None:
    load(small)
    assert Agency.objects.get(code="SXD-2025").signature_block == "GIÁM ĐỐC"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("merge_same_name", "merge"),
        ("merge_same_name_with_split", "merge"),
        ("split", "split"),
        ("rename_plus_function", "rename"),
        ("resubordinate", "reparent"),
    ],
)
def test_change_of_agencies_has_its_kind(small: Path, given: str, kind: str) -> None:
    rewrite(small, "merge_same_name", given)
    load(small)
    change = AgencyChange.objects.get()
    assert change.kind == kind
    assert [row.code for row in change.predecessors.all()] == ["SXD"]
    assert [row.code for row in change.successors.all()] == ["SXD-2025"]


# --- Again ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("options", [(), ("--year", "2026"), ("--as-of", "2023-09-20")])
def test_second_run_changes_nothing(options: tuple[str, ...]) -> None:
    load(WHOLE, *options)
    before = everything()
    load(WHOLE, *options)
    assert everything() == before


def test_one_event_tells_of_a_load(small: Path) -> None:
    load(small)
    assert list(Event.objects.values_list("verb", flat=True)) == ["programme.loaded"]


def test_change_of_the_file_is_taken_over(small: Path) -> None:
    load(small)
    first = Assignment.objects.get(code="1.01").pk
    rewrite(small, "Việc một", "Việc khác")
    load(small)
    assert Assignment.objects.get(pk=first).title_vi == "Việc khác năm 2023"
    assert Event.objects.count() == 2


def test_what_left_the_file_leaves_the_programme(small: Path) -> None:
    load(small)
    small.write_text(SMALL[: SMALL.index("- code: '2.01'")])
    load(small)
    assert [row.code for row in Assignment.objects.all()] == ["1.01"]


def test_signatories_may_change_places(small: Path) -> None:
    load(small)
    rewrite(small, "[BCHQS, UBMTTQ, SXD]", "[BCHQS, SXD, UBMTTQ]")
    load(small)
    assert [row.agency.code for row in Signatory.objects.order_by("order")] == ["BCHQS", "SXD", "UBMTTQ"]


def test_agency_of_the_register_stays_as_it_is(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(small)
    Agency.objects.filter(code="SXD").update(name_vi="Sở Xây dựng tỉnh")
    load(small)
    assert Agency.objects.get(code="SXD").name_vi == "Sở Xây dựng tỉnh"
    assert "SXD" in capsys.readouterr().out.splitlines()[-1]


# --- A text that may no longer change -----------------------------------------------------------------
@pytest.mark.parametrize("state", [ProgrammeState.FROZEN, ProgrammeState.CLOSED, ProgrammeState.TERMINATED])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Việc một", "Việc khác"),
        ("title_vi: Giải pháp hai", "title_vi: Khác"),
        ("[BCHQS, UBMTTQ, SXD]", "[BCHQS, SXD, UBMTTQ]"),
        ("coordinating: [SXD, UBMTTQ]", "coordinating: [SXD]"),
        ("place: Thanh Hóa", "place: Vinh"),
    ],
)
def test_frozen_text_is_not_changed(small: Path, state: str, old: str, new: str) -> None:
    load(small)
    Programme.objects.update(state=state)
    before = everything()
    rewrite(small, old, new)
    with pytest.raises(CommandError):
        load(small)
    assert everything() == before


def test_frozen_text_that_is_the_same_is_no_trouble(small: Path) -> None:
    load(small)
    Programme.objects.update(state=ProgrammeState.FROZEN)
    before = everything()
    load(small)
    assert everything() == before


# --- Another year ---------------------------------------------------------------------------------------
def test_year_moves_every_date_of_the_programme(small: Path) -> None:
    load(small, "--year", "2026")
    programme = Programme.objects.get()
    assert (programme.year, programme.conference_on) == (2026, D(2026, 1, 11))
    assert set(programme.assignments.values_list("deadline_on", flat=True)) == {
        D(2026, 3, 31),
        D(2026, 12, 14),
    }
    assert Agency.objects.get(code="SXD").valid_to == D(2028, 2, 28)


def test_year_moves_the_years_in_titles_but_not_those_of_schemes(small: Path) -> None:
    load(small, "--year", "2026")
    titles = list(Assignment.objects.order_by("code").values_list("title_vi", flat=True))
    assert titles == ["Việc một năm 2026", "Việc hai cho năm 2027, giai đoạn 2021-2025"]
    assert Programme.objects.get().title_vi == "Chương trình phối hợp năm 2026"


def test_two_years_of_one_file_live_side_by_side() -> None:
    load(WHOLE)
    load(WHOLE, "--year", "2024")
    assert sorted(Programme.objects.values_list("year", flat=True)) == [2023, 2024]
    assert Agency.objects.count() == 61


# --- Taken over as it runs -------------------------------------------------------------------------------
def standings(day: D) -> dict[str, int]:
    rows = Assignment.objects.with_timeliness(day).values_list("standing", flat=True)
    return {name: list(rows).count(name) for name in Timeliness.values}


def test_as_of_the_files_own_day_things_stand_as_it_says() -> None:
    load(WHOLE, "--as-of", "2023-09-20")
    assert Programme.objects.get().state == ProgrammeState.IN_FORCE
    assert standings(D(2023, 9, 20)) == {
        Timeliness.COMPLETED_ON_TIME: 19,
        Timeliness.COMPLETED_LATE: 4,
        Timeliness.OVERDUE: 1,
        Timeliness.DUE_SOON: 0,  # 30 September is a Saturday; twelve days are no week
        Timeliness.NOT_DUE: 22,
        Timeliness.NO_DEADLINE: 14,
    }


def test_approved_extension_moves_the_deadline() -> None:
    load(WHOLE, "--as-of", "2023-09-20")
    assert Assignment.objects.get(code="2.05").adjusted_on == D(2023, 10, 10)
    assert Assignment.objects.get(code="1.10").adjusted_on is None


def test_requests_for_extension_become_rows() -> None:
    load(WHOLE, "--as-of", "2023-09-20")
    rows = ExtensionRequest.objects.values_list(
        "assignment__code", "state", "asked_when", "granted_on", "assignment__extensions_granted"
    )
    assert sorted(rows) == [
        ("1.10", "pending", "in_time", None, 0),
        ("2.05", "approved", "in_time", D(2023, 10, 10), 1),
        ("4.08", "refused", "in_time", None, 0),
    ]


def test_what_was_decided_later_still_waits() -> None:
    load(WHOLE, "--as-of", "2023-09-19")
    waiting = ExtensionRequest.objects.filter(state="pending")
    assert sorted(waiting.values_list("assignment__code", flat=True)) == ["1.10", "2.05"]
    assert Assignment.objects.get(code="2.05").adjusted_on is None


def test_as_of_an_earlier_day_less_is_done() -> None:
    load(WHOLE, "--as-of", "2023-03-01")
    assert standings(D(2023, 3, 1))[Timeliness.COMPLETED_ON_TIME] == 7


def test_as_of_on_the_first_day_nothing_is_done() -> None:
    load(WHOLE, "--as-of", "2023-01-01")
    assert set(Assignment.objects.values_list("status", "progress_percent")) == {("assigned", 0)}


def test_running_programme_keeps_its_own_figures() -> None:
    load(WHOLE, "--as-of", "2023-03-01")
    before = everything()
    load(WHOLE, "--as-of", "2023-09-20")
    assert everything() == before
