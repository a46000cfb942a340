"""Pages of cooperation: the forms of each, old pages, who is shown it, homes."""

import pytest

from portal.users.models import Role
from tasks import cooperations
from tasks.models import Cooperation, Coordination
from tests.factories import NOW, person
from tests.tasks.cooperating import ASKED, again, delivered, state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def share(assignment, front) -> Coordination:
    """The Front's share in 1.01, which the department leads."""
    return again(Coordination.objects.get(assignment=assignment, agency=front))


@pytest.fixture
def front_focal(front):
    return person("ubmttq.daumoi", Role.FOCAL_POINT, front)


def url(share, name="detail"):
    address = f"/cooperations/{share.pk}/"
    return address if name == "detail" else f"{address}{name}/"


def test_each_sees_the_forms_of_their_own_steps(share, login, focal_point, front_focal, front_head, officer):
    shown = {
        user: set(login(user).get(url(share)).context["forms"])
        for user in (focal_point, front_focal, front_head, officer)
    }
    assert shown == {focal_point: {"ask"}, front_focal: {"report"}, front_head: {"report"}, officer: {"ask"}}
    client = login(front_focal)
    refused = client.post(url(share, "report"), {"text": ""})
    assert (refused.status_code, "không có nội dung" in refused.content.decode()) == (400, True)
    assert client.post(url(share, "report"), {"text": "Đã góp ý"}).status_code == 302
    assert set(login(front_head).get(url(share)).context["forms"]) == {"approve", "send_back"}
    assert login(front_head).post(url(share, "approve")).status_code == 302
    assert set(login(focal_point).get(url(share)).context["forms"]) == {"ask", "rate"}
    assert login(focal_point).post(url(share, "rate"), {"rating": "3"}).status_code == 302
    assert "Phối hợp tốt (3/4)" in login(front_focal).get(url(share)).content.decode()


def form_of(client, share, name: str) -> dict:
    """Return what the form of a step sends when it is not touched."""
    form = client.get(url(share)).context["forms"][name]
    return {field.name: field.value() or "" for field in form}


@pytest.mark.parametrize("name", ["ask", "rate"])
def test_old_page_shows_both_versions(share, focal_point, head, front_head, login, name):
    delivered(share, front_head)
    client = login(focal_point)
    sent = form_of(client, share, name)
    cooperations.rate(again(share), by=head, at=NOW, rating=1, note="Gửi quá muộn")
    typed = {"request": "Xin ý kiến lần nữa", "rating": "3", "note": "Đã phối hợp tốt"}
    stale = client.post(url(share, name), sent | typed)
    assert stale.status_code == 409
    shown = {"ask": ("Xin ý kiến lần nữa", "Đã có ý kiến"), "rate": ("Đã phối hợp tốt", "Gửi quá muộn")}
    assert all(words in stale.content.decode() for words in shown[name])
    assert Cooperation.objects.get().rating_note == "Gửi quá muộn"


def test_agencys_old_pages_show_what_is_asked_and_what_was_written(
    share, focal_point, front_focal, front_head, login
):
    clients = {user: login(user) for user in (front_focal, front_head)}
    sent = form_of(clients[front_focal], share, "report")
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    stale = clients[front_focal].post(url(share, "report"), sent | {"text": "Ý kiến của chúng tôi"})
    assert stale.status_code == 409
    assert all(words in stale.content.decode() for words in ("Ý kiến của chúng tôi", ASKED["request"]))
    cooperations.report(again(share), by=front_focal, at=NOW, text="Bản một")
    sent = form_of(clients[front_head], share, "approve")
    cooperations.send_back(again(share), by=front_head, at=NOW, reason="Thiếu số liệu")
    cooperations.report(again(share), by=front_focal, at=NOW, text="Bản hai")
    stale = clients[front_head].post(url(share, "approve"), sent)
    assert (stale.status_code, "Bản hai" in stale.content.decode()) == (409, True)
    assert state(share) == "awaiting_head"
    assert clients[front_head].post(url(share, "approve"), form_of(clients[front_head], share, "approve"))
    assert state(share) == "delivered"


def test_the_assignments_page_shows_it_to_those_who_may_know(
    share, assignment, login, focal_point, officer, front_head, viewer, admin
):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    cooperations.rate(delivered(share, front_head), by=focal_point, at=NOW, rating=1, note="Chậm")
    for user, sees in (
        (focal_point, True),
        (officer, True),
        (front_head, True),
        (viewer, False),
        (admin, False),
    ):
        shown = login(user).get(assignment.get_absolute_url()).content.decode()
        assert ("Phối hợp chưa tốt" in shown) == sees, user.username


def test_who_has_no_part_in_it_gets_404(share, login, viewer, admin, stranger):
    for user in (viewer, admin, stranger):
        assert login(user).get(url(share)).status_code == 404
        assert login(user).post(url(share, "rate"), {"rating": "3"}).status_code == 404


def test_page_takes_a_fixed_number_of_queries(share, login, focal_point, django_assert_num_queries):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    client = login(focal_point)
    client.get(url(share))
    with django_assert_num_queries(7):
        client.get(url(share))


def test_homes_say_what_is_asked_approved_and_to_be_rated(share, login, focal_point, front_focal, front_head):
    cooperations.ask(share, by=focal_point, at=NOW, **ASKED)
    assert "Phối hợp thực hiện nhiệm vụ 1.01" in login(front_focal).get("/").content.decode()
    cooperations.report(again(share), by=front_focal, at=NOW, text="Đã góp ý")
    assert "Duyệt nội dung phối hợp nhiệm vụ 1.01" in login(front_head).get("/").content.decode()
    cooperations.approve(again(share), by=front_head, at=NOW)
    assert "Nhận xét việc phối hợp của Ủy ban Mặt trận" in login(focal_point).get("/").content.decode()
    cooperations.rate(again(share), by=focal_point, at=NOW, rating=4)
    assert "Nhận xét việc phối hợp của" not in login(focal_point).get("/").content.decode()
