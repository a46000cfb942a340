"""The page of an agency: who reads it, what it tells to whom."""

import datetime as dt

import pytest

from portal.agencies.models import AgencyChange, Succession
from portal.users.models import Role
from tests import factories
from tests.factories import person

pytestmark = pytest.mark.usefixtures("now")
PAGE = "/agencies/SXD/"


@pytest.mark.parametrize(
    "name", ["officer", "commander", "clerk", "admin", "front_head", "head", "focal_point", "viewer"]
)
def test_everybody_with_a_programme_reads(cast, programme, login, name):
    assert login(getattr(cast, name)).get(PAGE).status_code == 200


def test_stranger_gets_404(stranger, programme, login):
    client = login(stranger)
    assert client.get(PAGE).status_code == 404
    assert client.get("/agencies/KHONG-CO/").status_code == 404


def test_people_are_shown_to_the_agency_the_command_and_the_administrator(cast, programme, login):
    def sees(name):
        return "Ngô Đức Anh" in login(getattr(cast, name)).get(PAGE).content.decode()

    shown = {name for name in ("officer", "admin", "head", "front_head", "viewer") if sees(name)}
    assert shown == {"officer", "admin", "head"}


def test_those_who_left_stand_in_the_history_only(programme, head, department, login):
    gone = person("sxd.cu", Role.RECORDS_CLERK, department, full_name="Người Đã Nghỉ")
    gone.memberships.update(
        valid_to=dt.date(2025, 1, 1), document="12/QĐ-UBND", document_on=dt.date(2019, 12, 20)
    )
    answer = login(head).get(PAGE)
    assert gone not in [post.user for post in answer.context["people"]]
    (row,) = [post for post in answer.context["history"] if post.user == gone]
    words = answer.content.decode().split("Lịch sử chức vụ", 1)[1]
    assert [text in words for text in ("Người Đã Nghỉ", "01/01/2025", row.document, "20/12/2019")] == [
        True
    ] * 4


def test_history_is_for_the_agency_the_command_and_the_administrator(cast, programme, login):
    def sees(name: str) -> bool:
        return bool(login(getattr(cast, name)).get(PAGE).context["history"])

    names = [*vars(cast)]
    names.remove("stranger")  # sees no page of this agency at all
    assert {name for name in names if sees(name)} == {
        *("officer", "commander", "clerk", "admin"),
        *("head", "deputy", "focal_point"),
    }


@pytest.mark.parametrize(
    ("name", "has_numbers"),
    [("officer", True), ("head", True), ("front_head", False), ("viewer", False), ("admin", False)],
)
def test_numbers_are_for_the_agency_and_the_command(cast, programme, login, name, has_numbers):
    client = login(getattr(cast, name))
    numbers = client.get(PAGE).context["numbers"]
    assert (numbers is not None) == has_numbers
    if numbers:
        for key, address in numbers.urls.items():
            assert client.get(address).context["page"].paginator.count == numbers.number(key)


def test_it_lists_what_the_agency_leads_and_coordinates(programme, head, login):
    page = login(head).get(PAGE)
    assert [row.code for row in page.context["leads"]] == ["1.01"]
    assert [row.code for row in page.context["coordinates"]] == ["1.02"]


def test_ended_agency_says_so_and_names_its_successor(programme, head, department, login):
    department.valid_to = dt.date(2026, 3, 1)
    department.save()
    successor = factories.AgencyFactory(code="SXD-2026", name_vi="Sở Xây dựng (mới)")
    change = AgencyChange.objects.create(
        reference="CH1", kind="merge", effective_on=dt.date(2026, 3, 2), title_vi="Hợp nhất"
    )
    change.predecessors.add(department)
    Succession.objects.create(change=change, agency=successor, scope_note="toàn bộ")
    body = login(head).get(PAGE).content.decode()
    assert "01/03/2026" in body
    assert "Sở Xây dựng (mới)" in body
    assert "Hợp nhất" in login(head).get("/agencies/SXD-2026/").content.decode()


def test_a_fixed_number_of_queries(programme, head, department, front, login, django_assert_num_queries):
    client = login(head)
    client.get(PAGE)
    task = programme.priority_tasks.first()
    for number in range(10, 30):
        row = factories.AssignmentFactory(task=task, code=f"1.{number}", lead=department)
        factories.CoordinationFactory(assignment=row, agency=front)
        factories.CoordinationFactory(
            assignment=factories.AssignmentFactory(task=task, code=f"2.{number}", lead=front),
            agency=department,
        )
    with django_assert_num_queries(16):
        client.get(PAGE)
