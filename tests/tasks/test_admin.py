"""Programmes and assignments on the administrator's pages: built with ease, closed by freezing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.agencies.models import Agency, AgencyKind
from portal.audit.models import Event
from portal.users.models import Role, User
from tasks import programmes
from tasks.models import (
    Assignment,
    Programme,
)
from tests import factories
from tests.portal.admin_pages import (
    address,
    assignment_page,
    errors,
    fields,
    last_event,
    new_rows,
    programme_page,
    send,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin: User, login: Callable[[User], Client]) -> Client:
    return login(admin)


# --- From nothing to a whole programme ---------------------------------------------------------
def test_a_programme_of_2027_is_built_from_an_empty_register(
    host: Agency, client: Client, django_assert_max_num_queries: Any
) -> None:
    for code, kind, name in (
        ("UBMTTQ", AgencyKind.FRONT_AND_MASS_ORG, "Ủy ban Mặt trận Tổ quốc"),
        ("SNV", AgencyKind.DEPARTMENT, "Sở Nội vụ"),
    ):
        page = {"code": code, "name_vi": name, "kind": kind, "signature_block": "CHỦ TỊCH"}
        assert send(client, address(Agency, "add"), **page).status_code == 302
    front, department = Agency.objects.get(code="UBMTTQ"), Agency.objects.get(code="SNV")
    person = {"username": "snv.daumoi", "full_name": "Lê Văn Nội"}
    post = {"agency": department.pk, "role": Role.FOCAL_POINT, "valid_from": "2027-01-01"}
    response = send(client, address(User, "add"), **person, **new_rows("memberships", post))
    assert response.status_code == 302
    response = send(
        client,
        address(Programme, "add"),
        **programme_page(host, co_host=front.pk),
        **new_rows("signatories", *({"agency": a.pk, "place": "main"} for a in (host, front, department))),
        **new_rows("priority_tasks", {"title_vi": "Tuyển quân"}, {"title_vi": "Giáo dục quốc phòng"}),
        **new_rows("solutions", {"title_vi": "Tuyên truyền"}, {"title_vi": "Kiểm tra"}),
        **new_rows("clauses", {"section": "purpose", "text": "Nâng cao trách nhiệm."}),
    )
    assert response.status_code == 302
    programme = Programme.objects.get(year=2027)
    task, solution = programme.priority_tasks.first(), programme.solutions.first()
    url = f"{address(Assignment, 'add')}?programme={programme.pk}"
    for code, lead in (("1.01", host), ("1.02", front), ("1.03", department)):
        page = assignment_page(programme, lead, code=code, task=task.pk, solutions=[solution.pk])
        coordinating = [{"agency": a.pk} for a in (host, front) if a != lead][:1]
        assert send(client, url, **page, **new_rows("coordinations", *coordinating)).status_code == 302
    assert programmes.gaps(programme) == []
    assert list(programme.signatories.values_list("order", flat=True)) == [1, 2, 3]
    assert programme.year_to == 2027


def test_a_programme_with_its_parts_is_one_event(host: Agency, client: Client) -> None:
    before = Event.objects.count()
    send(
        client,
        address(Programme, "add"),
        **programme_page(host),
        **new_rows("signatories", {"agency": host.pk, "place": "main"}),
    )
    assert Event.objects.count() == before + 1
    event = last_event()
    assert (event.verb, event.subject_type) == ("programme.added", "tasks.programme")
    assert any(name.startswith("signatory.") for name in json.loads(event.payload)["after"])


def test_a_new_programme_begins_as_the_last_one_was(draft_programme: Programme, client: Client) -> None:
    page = fields(client.get(address(Programme, "add")).content.decode(), "programme_form")
    assert page["year"] == ["2027"]
    assert page["title_vi"] == ["Chương trình phối hợp thực hiện nhiệm vụ quân sự - quốc phòng năm 2027"]
    assert page["place"] == ["Thanh Hóa"]


# --- Said beside the field ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("year", {"year": "1990"}),
        ("year_to", {"year_to": "2026"}),
        ("title_vi", {"title_vi": ""}),
        ("signing_closes_on", {"signing_closes_on": "32/13/2027"}),
        ("host", {"host": "999999"}),
        ("year_to", {"year_to": "99999"}),
        ("year", {"year": "-1"}),
    ],
)
def test_a_wrong_programme_is_said(field: str, changes: Any, host: Agency, client: Client) -> None:
    response = send(client, address(Programme, "add"), **programme_page(host, **changes))
    found = errors(response)
    assert field in found or "__all__" in found
    assert not Programme.objects.exists()


def test_the_same_year_twice_is_said(draft_programme: Programme, client: Client) -> None:
    response = send(client, address(Programme, "add"), **programme_page(draft_programme.host, year=2026))
    assert "year" in errors(response)


@pytest.fixture
def other_programme(host: Agency) -> Programme:
    programme = factories.ProgrammeFactory(year=2028, host=host)
    factories.PriorityTaskFactory(programme=programme, number=1)
    factories.SolutionFactory(programme=programme, number=1)
    return programme


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("task", lambda other: {"task": other.priority_tasks.first().pk}),
        ("solutions", lambda other: {"solutions": [other.solutions.first().pk]}),
        ("code", lambda other: {"code": "một"}),
        ("target", lambda other: {"target": "-1"}),
        ("lead", lambda other: {"lead": ""}),
        ("deadline_on", lambda other: {"deadline_on": "hôm qua"}),
        ("__all__", lambda other: {"start_on": "2027-12-01"}),
        ("__all__", lambda other: {"code": "1.02"}),
    ],
)
def test_a_wrong_assignment_is_said(
    field: str,
    changes: Any,
    draft_programme: Programme,
    other_programme: Programme,
    client: Client,
) -> None:
    page = assignment_page(draft_programme, draft_programme.host, code="1.09") | changes(other_programme)
    assert field in errors(send(client, address(Assignment, "add"), **page))
    assert not Assignment.objects.filter(code="1.09").exists()


def test_the_lead_does_not_coordinate_too(draft_programme: Programme, client: Client) -> None:
    page = assignment_page(draft_programme, draft_programme.host, code="1.09")
    rows = new_rows("coordinations", {"agency": draft_programme.host.pk})
    response = send(client, address(Assignment, "add"), **page, **rows)
    assert "coordinations-0-agency" in errors(response)


def test_a_coordinating_agency_does_not_become_the_lead(draft_programme: Programme, client: Client) -> None:
    row = draft_programme.assignments.get(code="1.01")
    coordinating = row.coordinations.get().agency
    response = send(client, address(Assignment, "change", row.pk), lead=coordinating.pk)
    assert "coordinations-0-agency" in errors(response)


def test_a_made_up_key_is_no_fault(draft_programme: Programme, client: Client) -> None:
    page = assignment_page(draft_programme, draft_programme.host, solutions=["9" * 30], lead="9" * 30)
    assert send(client, address(Assignment, "add"), **page).status_code in {200, 400}


@pytest.mark.parametrize("lead", ["BCHQS", "", "1.5"])
def test_words_in_place_of_a_key_are_no_fault(lead: str, draft_programme: Programme, client: Client) -> None:
    row = draft_programme.assignments.get(code="1.01")
    page = assignment_page(draft_programme, draft_programme.host, lead=lead)
    for answer in (
        send(client, address(Assignment, "add"), **page),
        send(client, address(Assignment, "change", row.pk), lead=lead),
    ):
        assert "lead" in errors(answer)
    assert client.get(f"{address(Assignment, 'add')}?lead={lead}").status_code == 200
    assert client.get(f"{address(Assignment, 'changelist')}?lead__id__exact={lead}").status_code in {200, 302}


def test_choices_are_those_of_the_programme_that_the_page_was_opened_for(
    draft_programme: Programme, other_programme: Programme, client: Client
) -> None:
    response = client.get(f"{address(Assignment, 'add')}?programme={other_programme.pk}")
    form = response.context["adminform"].form
    assert set(form.fields["task"].queryset) == set(other_programme.priority_tasks.all())
    assert set(form.fields["solutions"].queryset) == set(other_programme.solutions.all())


@pytest.mark.parametrize("given", ["x", "-1", "99999999999999999999", "%00"])
def test_an_odd_programme_in_the_address_is_no_fault(given: str, client: Client) -> None:
    assert client.get(f"{address(Assignment, 'add')}?programme={given}").status_code in {200, 400}


# --- Order -------------------------------------------------------------------------------------
def order(programme: Programme) -> list[str]:
    return list(programme.signatories.order_by("order").values_list("agency__code", flat=True))


def test_two_signatories_change_places(draft_programme: Programme, client: Client) -> None:
    url = address(Programme, "change", draft_programme.pk)
    response = send(client, url, **{"signatories-0-order": 2, "signatories-1-order": 1})
    assert response.status_code == 302
    assert order(draft_programme) == ["UBMTTQ", "BCHQS", "SXD"]


def test_the_same_place_twice_is_said(draft_programme: Programme, client: Client) -> None:
    response = send(client, address(Programme, "change", draft_programme.pk), **{"signatories-1-order": 1})
    assert "signatories-1-order" in errors(response)
    assert order(draft_programme) == ["BCHQS", "UBMTTQ", "SXD"]


def test_a_signatory_twice_is_said_in_the_words_of_the_page(
    draft_programme: Programme, client: Client
) -> None:
    rows = new_rows("signatories", {"agency": draft_programme.host.pk, "place": "annex"}, first=3)
    found = errors(send(client, address(Programme, "change", draft_programme.pk), **rows))
    assert "signatories" in found
    assert "agency" not in found["signatories"][0]


def test_clauses_are_numbered_within_their_section(draft_programme: Programme, client: Client) -> None:
    rows = new_rows(
        "clauses",
        {"section": "purpose", "text": "Hai"},
        {"section": "organisation", "text": "Một"},
        first=1,
    )
    send(client, address(Programme, "change", draft_programme.pk), **rows)
    numbers = set(draft_programme.clauses.values_list("section", "number"))
    assert numbers == {("purpose", 1), ("purpose", 2), ("organisation", 1)}


def test_a_solution_that_assignments_name_stays(draft_programme: Programme, client: Client) -> None:
    url = address(Programme, "change", draft_programme.pk)
    assert "solutions" in errors(send(client, url, **{"solutions-0-DELETE": "on"}))
    assert draft_programme.solutions.count() == 2


def test_a_task_that_assignments_name_stays(draft_programme: Programme, client: Client) -> None:
    url = address(Programme, "change", draft_programme.pk)
    assert send(client, url, **{"priority_tasks-0-DELETE": "on"}).status_code == 200
    assert draft_programme.priority_tasks.count() == 2
