"""The signed text on the administrator's pages: from freezing on it is only read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.users.models import User
from tasks import programmes
from tasks.models import Assignment, LegalBasis, Programme, ReportingPeriod
from tasks.states import AssignmentStatus, ProgrammeState
from tests import factories
from tests.factories import NOW
from tests.portal.admin_pages import address, assignment_page, errors, fields, last_event, new_rows, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin: User, login: Callable[[User], Client]) -> Client:
    return login(admin)


def set_state(programme: Programme, state: ProgrammeState) -> None:
    at = NOW if state == ProgrammeState.IN_FORCE else None
    Programme.objects.filter(pk=programme.pk).update(state=state, in_force_at=at)


SIGNED_STATES = [
    ProgrammeState.FROZEN,
    ProgrammeState.IN_FORCE,
    ProgrammeState.CLOSED,
    ProgrammeState.TERMINATED,
]
SIGNED = pytest.mark.parametrize("state", SIGNED_STATES)


def content(programme: Programme) -> Any:
    return programmes.content(programme)


@SIGNED
def test_the_signed_text_is_only_read(
    state: ProgrammeState, draft_programme: Programme, client: Client
) -> None:
    url = address(Programme, "change", draft_programme.pk)
    typed = fields(client.get(url).content.decode(), "programme_form")
    typed |= {"title_vi": ["Khác"], "signatories-0-place": ["annex"], "clauses-0-text": ["Khác"]}
    typed |= {"priority_tasks-0-title_vi": ["Khác"], "solutions-0-DELETE": ["on"]}
    typed |= new_rows("signatories", {"agency": factories.AgencyFactory().pk, "place": "annex"}, first=3)
    signed = content(draft_programme)
    set_state(draft_programme, state)
    for version in (typed.pop("_version"), None):  # an old page, and one made by hand
        client.post(url, typed | ({"_version": version} if version else {}))
        assert content(draft_programme) == signed


@SIGNED
def test_saving_what_is_not_signed_leaves_the_signed_text(
    state: ProgrammeState, draft_programme: Programme, client: Client
) -> None:
    set_state(draft_programme, state)
    signed = content(draft_programme)
    url = address(Programme, "change", draft_programme.pk)
    assert send(client, url, title_en="Coordination programme").status_code == 302
    assert content(draft_programme) == signed


@SIGNED
def test_the_signed_assignment_is_only_read(
    state: ProgrammeState, draft_programme: Programme, client: Client
) -> None:
    row = draft_programme.assignments.get(code="1.01")
    url = address(Assignment, "change", row.pk)
    typed = fields(client.get(url).content.decode(), "assignment_form")
    typed |= {"title_vi": ["Khác"], "deadline_on": ["2026-12-31"], "target": ["1"], "lead": ["1"]}
    typed |= {"solutions": [], "coordinations-0-deliverable": ["Khác"], "coordinations-0-DELETE": ["on"]}
    typed.pop("_version")
    signed = content(draft_programme)
    set_state(draft_programme, state)
    client.post(url, typed)
    assert content(draft_programme) == signed


@SIGNED
def test_nothing_is_added_to_or_taken_from_a_signed_programme(
    state: ProgrammeState, draft_programme: Programme, client: Client
) -> None:
    set_state(draft_programme, state)
    row = draft_programme.assignments.get(code="1.01")
    page = assignment_page(draft_programme, draft_programme.host, code="1.09")
    assert "programme" in errors(send(client, address(Assignment, "add"), **page))
    assert client.post(address(Assignment, "delete", row.pk), {"post": "yes"}).status_code == 403
    delete = address(Programme, "delete", draft_programme.pk)
    assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.postgres
@pytest.mark.parametrize("page", ["change", "delete", "add"])
def test_the_programme_is_locked_before_its_assignment_is_written(
    page: str, draft_programme: Programme, client: Client
) -> None:
    """Freezing locks the same row, so one waits for the other; SQLite has one writer at a time anyway."""
    row = draft_programme.assignments.get(code="2.01")
    with CaptureQueriesContext(connection) as captured:
        if page == "change":
            send(client, address(Assignment, page, row.pk), title_vi="Khác")
        elif page == "delete":
            client.post(address(Assignment, page, row.pk), {"post": "yes"})
        else:
            new = assignment_page(draft_programme, draft_programme.host, code="1.09")
            send(client, address(Assignment, page), **new)
    statements = [query["sql"] for query in captured]
    locks = [n for n, sql in enumerate(statements) if 'FROM "tasks_programme"' in sql and "FOR UPDATE" in sql]
    verbs = ('UPDATE "tasks_assignment"', 'DELETE FROM "tasks_assignment"', 'INSERT INTO "tasks_assignment"')
    writes = [n for n, sql in enumerate(statements) if sql.startswith(verbs)]
    assert locks
    assert min(locks) < min(writes)


def test_the_english_of_a_signed_assignment_is_still_mended(assignment: Assignment, client: Client) -> None:
    response = send(client, address(Assignment, "change", assignment.pk), title_en="Planning of defence land")
    assert response.status_code == 302
    assignment.refresh_from_db()
    assert assignment.title_en == "Planning of defence land"
    assert assignment.status == AssignmentStatus.ASSIGNED


def test_a_signed_wording_stays_when_its_law_is_edited(programme: Programme, client: Client) -> None:
    basis = programme.bases.get()
    wording = basis.wording
    send(client, address(LegalBasis, "change", basis.pk), wording="Khác", number="22/2018/QH14")
    basis.refresh_from_db()
    assert (basis.wording, basis.number) == (wording, "22/2018/QH14")


def test_a_draft_is_deleted_once_it_holds_no_assignment(draft_programme: Programme, client: Client) -> None:
    url = address(Programme, "delete", draft_programme.pk)
    assert client.post(url, {"post": "yes"}).status_code == 403
    for row in draft_programme.assignments.all():
        assert client.post(address(Assignment, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert client.get(url).status_code == 200
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not Programme.objects.exists()
    assert last_event().verb == "programme.deleted"


def test_state_is_never_a_field_of_a_form(draft_programme: Programme, client: Client) -> None:
    send(client, address(Programme, "change", draft_programme.pk), state="in_force", title_en="X")
    draft_programme.refresh_from_db()
    assert draft_programme.state == ProgrammeState.DRAFT


def test_results_are_not_shown_to_the_administrator(assignment: Assignment, client: Client) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(result_text="Bí mật của sở", decision_note="Chưa rõ")
    page = client.get(address(Assignment, "change", assignment.pk)).content.decode()
    assert "Bí mật của sở" not in page
    assert "Chưa rõ" not in page


# --- Reporting periods ---------------------------------------------------------------------------
def test_the_preset_of_decree_09_is_one_button(draft_programme: Programme, client: Client) -> None:
    url = f"{address(Programme, 'changelist')}{draft_programme.pk}/periods/"
    response = client.post(url)
    assert response.status_code == 302
    assert draft_programme.periods.count() == 7
    assert last_event().verb == "periods.generated"


def test_the_button_is_no_link(draft_programme: Programme, client: Client) -> None:
    url = f"{address(Programme, 'changelist')}{draft_programme.pk}/periods/"
    assert client.get(url).status_code == 405


def test_periods_of_a_programme_in_force_are_still_edited(programme: Programme, client: Client) -> None:
    period = factories.ReportingPeriodFactory(programme=programme)
    url = address(Programme, "change", programme.pk)
    assert send(client, url, **{"periods-0-due_on": "2026-03-18"}).status_code == 302
    period.refresh_from_db()
    assert str(period.due_on) == "2026-03-18"


def test_periods_of_a_closed_programme_are_not(draft_programme: Programme, client: Client) -> None:
    period = factories.ReportingPeriodFactory(programme=draft_programme)
    url = address(Programme, "change", draft_programme.pk)
    typed = fields(client.get(url).content.decode(), "programme_form") | {"periods-0-due_on": ["2026-03-18"]}
    typed.pop("_version")
    set_state(draft_programme, ProgrammeState.CLOSED)
    client.post(url, typed)
    client.post(f"{address(Programme, 'changelist')}{draft_programme.pk}/periods/")
    assert list(ReportingPeriod.objects.values_list("due_on", flat=True)) == [period.due_on]


def test_rules_of_extensions_are_set_until_the_programme_ends(programme: Programme, client: Client) -> None:
    url = address(Programme, "change", programme.pk)
    typed = fields(client.get(url).content.decode(), "programme_form")
    typed |= {"extension_notice_days": ["5"], "deputies_decide_extensions": ["on"]}
    client.post(url, typed)
    programme.refresh_from_db()
    assert (programme.extension_notice_days, programme.deputies_decide_extensions) == (5, True)
    set_state(programme, ProgrammeState.CLOSED)
    assert 'name="extension_notice_days"' not in client.get(url).content.decode()
