"""What a save leaves behind: one event with before and after, no secret, no silent overwriting."""

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from portal.agencies.models import Agency, AgencyChange
from portal.audit import events, verification
from portal.audit.models import Event
from portal.calendar.models import Holiday
from portal.lib.actions import action
from portal.users.models import Membership, Role, User
from tasks import assignments
from tasks.models import Assignment
from tests import factories
from tests.factories import NOW, PASSWORD
from tests.portal.admin_pages import address, errors, fields, last_event, new_rows, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin: User, login: Callable[[User], Client]) -> Client:
    return login(admin)


def payload() -> dict[str, Any]:
    return json.loads(last_event().payload)


# --- One event each ----------------------------------------------------------------------------
def test_adding_tells_what_was_added(client: Client, admin: User) -> None:
    response = send(client, address(Holiday, "add"), on="2035-01-01", kind="off", name="Tết Dương lịch")
    assert response.status_code == 302
    event = last_event()
    assert (event.verb, event.actor_id, event.agency_code) == ("holiday.added", admin.pk, "BCHQS")
    assert event.subject_id == str(Holiday.objects.get(on="2035-01-01").pk)
    assert payload() == {
        "before": {},
        "after": {"on": "2035-01-01", "kind": "off", "name": "Tết Dương lịch"},
    }


@pytest.mark.parametrize("name", ["name_vi", "name_en", "symbol", "header_parent"])
def test_a_line_stays_one_line(name: str, client: Client, department: Agency) -> None:
    answer = send(client, address(Agency, "change", department.pk), **{name: "Sở\r\nXây dựng"})
    assert set(errors(answer)) == {name}


def test_a_signature_block_has_clean_lines(client: Client, department: Agency) -> None:
    answer = send(client, address(Agency, "change", department.pk), signature_block="GIÁM\u202eĐỐC")
    assert set(errors(answer)) == {"signature_block"}
    send(client, address(Agency, "change", department.pk), signature_block="KT. GIÁM ĐỐC\r\nPHÓ GIÁM ĐỐC")
    department.refresh_from_db()
    assert department.block_lines == ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")


def test_a_person_is_named_in_one_line(client: Client, head: User) -> None:
    answer = send(client, address(User, "change", head.pk), full_name="Mạc\x0bVăn Hùng")
    assert set(errors(answer)) == {"full_name"}


def test_changing_tells_only_what_changed(client: Client, department: Agency) -> None:
    send(client, address(Agency, "change", department.pk), name_vi="Sở Xây dựng và Giao thông")
    assert last_event().verb == "agency.changed"
    assert payload() == {
        "before": {"name_vi": "Sở Xây dựng"},
        "after": {"name_vi": "Sở Xây dựng và Giao thông"},
    }


def test_a_change_is_one_event_and_the_chain_holds(client: Client, department: Agency) -> None:
    before = Event.objects.count()
    send(client, address(Agency, "change", department.pk), symbol="SXD-GT")
    assert Event.objects.count() == before + 1
    assert verification.verify().ok


def test_saving_an_untouched_page_is_no_event(client: Client, department: Agency) -> None:
    before = Event.objects.count()
    assert send(client, address(Agency, "change", department.pk)).status_code == 302
    assert Event.objects.count() == before


def test_parts_and_links_are_told_in_the_same_event(
    client: Client, department: Agency, outside: Agency
) -> None:
    before = Event.objects.count()
    rows = new_rows("succession_set", {"agency": outside.pk, "scope_note": "toàn bộ"})
    response = send(
        client,
        address(AgencyChange, "add"),
        reference="TD-2027-1",
        kind="merge",
        effective_on="2027-03-01",
        title_vi="Hợp nhất hai sở",
        predecessors=[department.pk],
        **rows,
    )
    assert response.status_code == 302
    assert Event.objects.count() == before + 1
    after = payload()["after"]
    assert after["predecessors"] == [department.pk]
    (part,) = (value for name, value in after.items() if name.startswith("succession."))
    assert part == {"agency": outside.pk, "scope_note": "toàn bộ"}


def test_a_refused_page_leaves_no_event(client: Client, department: Agency) -> None:
    before = Event.objects.count()
    found = errors(send(client, address(Agency, "change", department.pk), signature_block=""))
    assert "signature_block" in found
    assert Event.objects.count() == before


def test_an_event_that_cannot_be_written_takes_the_change_back(
    client: Client, department: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(events.Event.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        send(client, address(Agency, "change", department.pk), symbol="MỚI")
    department.refresh_from_db()
    assert department.symbol == "SXD"


def test_djangos_own_log_stays_empty(client: Client, department: Agency) -> None:
    send(client, address(Agency, "change", department.pk), symbol="SXD-GT")
    assert not LogEntry.objects.exists()


def test_history_tells_the_change_in_words(client: Client, department: Agency, host: Agency) -> None:
    send(client, address(Agency, "change", department.pk), parent=host.pk, valid_from="2025-03-01")
    page = client.get(address(Agency, "history", department.pk)).content.decode()
    assert host.name_vi in page
    assert "01/03/2025" in page
    assert "Đỗ Minh Quân" in page


def test_history_names_other_actions_without_their_details(client: Client, host: Agency) -> None:
    @action
    def report() -> None:
        told = {"before": {"name_vi": "Lời của báo cáo"}, "after": {"name_vi": "Lời khác"}}
        events.record("agency.reported", host, by=None, at=NOW, payload=told)

    report()
    page = client.get(address(Agency, "history", host.pk)).content.decode()
    assert "agency.reported" in page
    assert "Lời của báo cáo" not in page


# --- Deleting ----------------------------------------------------------------------------------
def test_an_agency_nothing_refers_to_is_deleted_with_its_event(client: Client) -> None:
    agency = factories.AgencyFactory(code="NHAM")
    assert client.post(address(Agency, "delete", agency.pk), {"post": "yes"}).status_code == 302
    assert not Agency.objects.filter(pk=agency.pk).exists()
    assert last_event().verb == "agency.deleted"
    assert payload()["before"]["code"] == "NHAM"


@pytest.mark.parametrize("make", ["membership", "child", "signatory"])
def test_an_agency_that_is_referred_to_stays(make: str, client: Client, programme: Any) -> None:
    agency = programme.host if make == "signatory" else factories.AgencyFactory()
    if make == "membership":
        factories.MembershipFactory(agency=agency)
    if make == "child":
        factories.AgencyFactory(parent=agency)
    assert client.post(address(Agency, "delete", agency.pk), {"post": "yes"}).status_code == 403


def test_a_person_is_never_deleted(client: Client) -> None:
    person = factories.UserFactory()
    assert client.post(address(User, "delete", person.pk), {"post": "yes"}).status_code == 403


@pytest.mark.usefixtures("now")
def test_only_a_day_off_to_come_is_deleted(client: Client) -> None:
    past, coming = factories.HolidayFactory(on="2026-03-10"), factories.HolidayFactory(on="2026-03-11")
    assert client.post(address(Holiday, "delete", past.pk), {"post": "yes"}).status_code == 403
    assert client.post(address(Holiday, "delete", coming.pk), {"post": "yes"}).status_code == 302


def test_nothing_is_deleted_by_the_dozen(client: Client) -> None:
    agency = factories.AgencyFactory()
    client.post(
        address(Agency, "changelist"),
        {"action": "delete_selected", "_selected_action": agency.pk, "post": "yes"},
    )
    assert Agency.objects.filter(pk=agency.pk).exists()


# --- Two administrators --------------------------------------------------------------------------
def test_the_second_of_two_who_had_it_open_is_told_what_stands_now(
    client: Client, department: Agency
) -> None:
    url = address(Agency, "change", department.pk)
    opened = fields(client.get(url).content.decode(), "agency_form")
    send(client, url, name_vi="Sở Xây dựng và Giao thông", symbol="SXDGT")
    response = client.post(url, opened | {"symbol": "SXD2"})
    told = " ".join(errors(response)["__all__"])
    assert "Đỗ Minh Quân" in told
    assert "SXDGT" in told
    assert 'value="SXD2"' in response.content.decode()
    department.refresh_from_db()
    assert department.symbol == "SXDGT"


def test_saving_again_after_being_told_is_a_decision(client: Client, department: Agency) -> None:
    url = address(Agency, "change", department.pk)
    opened = fields(client.get(url).content.decode(), "agency_form")
    send(client, url, symbol="SXDGT")
    told = client.post(url, opened | {"symbol": "SXD2"})
    assert client.post(url, fields(told.content.decode(), "agency_form")).status_code == 302
    department.refresh_from_db()
    assert department.symbol == "SXD2"


def test_a_part_changed_meanwhile_counts_too(client: Client) -> None:
    post = factories.MembershipFactory()
    url = address(User, "change", post.user_id)
    opened = fields(client.get(url).content.decode(), "user_form")
    send(client, url, **{"memberships-0-title": "Phó phòng"})
    assert "__all__" in errors(client.post(url, opened | {"rank": "Thiếu tá"}))


def test_a_value_taken_between_check_and_write_is_told_beside_the_field(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_too_early(self: Agency, exclude: Any = None) -> None:
        monkeypatch.undo()

    factories.AgencyFactory(code="SNV")
    monkeypatch.setattr(Agency, "validate_unique", look_too_early)
    page = {"code": "SNV", "name_vi": "Sở Nội vụ", "kind": "department", "signature_block": "GIÁM ĐỐC"}
    assert "code" in errors(send(client, address(Agency, "add"), **page))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_one_is_told(
    admin: User, department: Agency, login: Callable[[User], Client]
) -> None:
    url = address(Agency, "change", department.pk)
    opened = fields(login(admin).get(url).content.decode(), "agency_form")
    clients, start, codes = [login(admin), login(admin)], threading.Barrier(2), []

    def save(client: Client, symbol: str) -> None:
        start.wait()
        codes.append(client.post(url, opened | {"symbol": symbol}).status_code)
        connection.close()

    threads = [threading.Thread(target=save, args=pair) for pair in zip(clients, ("A", "B"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 302]
    assert verification.verify().ok


# --- People ------------------------------------------------------------------------------------
def add_person(client: Client, agency: Agency, **changes: Any) -> Any:
    post = {"agency": agency.pk, "role": Role.FOCAL_POINT, "title": "Chuyên viên", "valid_from": "2026-01-05"}
    person = {
        "username": "sxd.moi",
        "full_name": "Trần Thị Mới",
        "email": "moi@example.vn",
    }
    return send(client, address(User, "add"), **(person | new_rows("memberships", post) | changes))


def test_a_person_and_their_post_are_made_on_one_page(client: Client, department: Agency) -> None:
    answer = add_person(client, department)
    person = User.objects.get(username="sxd.moi")
    assert (answer.status_code, answer.url) == (302, f"/people/{person.pk}/")  # where they are invited
    assert not person.has_usable_password()
    assert person.post.role == Role.FOCAL_POINT


def test_hash_of_an_event_is_not_shown_to_who_may_not_read_its_details(
    client: Client, assignment: Assignment, focal_point: User
) -> None:
    """Over a few figures a hash is the figures: a hundred per cent and some hundred values are soon tried."""
    assignments.accept(assignment, by=focal_point, at=NOW)
    assignments.report_progress(assignment, by=focal_point, at=NOW, actual=Decimal(7), percent=63)
    event = last_event()
    guess = {"actual": "7", "code": "1.01", "percent": 63, "status": "in_progress", "year": 2026}
    event.payload = events.canonical(guess)
    assert events.digest(event) == event.sha256, "what the page says, and this guess"
    for page in (address(Event, "change", event.pk), address(Event, "changelist")):
        shown = client.get(page).content.decode()
        assert event.sha256 not in shown
        assert event.prev_sha256 not in shown


def test_address_does_not_enter_the_trail(client: Client, department: Agency) -> None:
    add_person(client, department)
    assert "moi@example.vn" not in last_event().payload


def test_nobody_sets_the_password_of_another(client: Client, focal_point: User) -> None:
    old = focal_point.password
    assert client.get(f"{address(User, 'changelist')}{focal_point.pk}/password/").status_code in {302, 404}
    page = fields(client.get(address(User, "change", focal_point.pk)).content.decode(), "user_form")
    assert not [name for name in page if "password" in name]
    client.post(
        address(User, "change", focal_point.pk), page | {"password": "x", "password1": PASSWORD + "x"}
    )
    focal_point.refresh_from_db()
    assert focal_point.password == old


def test_nobody_disables_themselves(client: Client, admin: User) -> None:
    send(client, address(User, "change", admin.pk), rank="Trung tá", is_active="")
    admin.refresh_from_db()
    assert admin.is_active


def test_a_disabled_person_is_out_at_once(
    client: Client, focal_point: User, login: Callable[[User], Client]
) -> None:
    theirs = login(focal_point)
    url = address(User, "change", focal_point.pk)
    page = fields(client.get(url).content.decode(), "user_form")
    page.pop("is_active")
    assert client.post(url, page).status_code == 302
    assert theirs.get("/account/password/").status_code == 302


def test_a_second_head_is_refused_beside_the_post(client: Client, head: User, focal_point: User) -> None:
    response = send(
        client,
        address(User, "change", focal_point.pk),
        **{"memberships-0-role": Role.AGENCY_HEAD},
    )
    assert any("thủ trưởng" in text or "head" in text for text in errors(response)["memberships-0-__all__"])


def test_a_post_ends_before_it_begins_is_said(client: Client, focal_point: User) -> None:
    response = send(
        client, address(User, "change", focal_point.pk), **{"memberships-0-valid_to": "2019-01-01"}
    )
    assert "memberships-0-__all__" in errors(response)


def test_the_second_factor_has_no_page_here(client: Client) -> None:
    page = client.get("/admin/").content.decode()
    assert "/admin/mfa/" not in page
    assert client.get("/admin/mfa/authenticator/").status_code == 404


# --- Finding -------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["so xay dung", "SỞ XÂY DỰNG", "sxd", "xây  dựng", "dung xay"])
def test_search_does_not_mind_diacritics_case_or_order(
    words: str, client: Client, department: Agency
) -> None:
    response = client.get(address(Agency, "changelist"), {"q": words})
    assert [agency.code for agency in response.context["cl"].result_list] == ["SXD"]


def test_search_of_small_tables_folds_their_text(client: Client) -> None:
    factories.HolidayFactory(on="2035-02-08", name="Tết Đinh Mùi")
    factories.HolidayFactory(on="2035-04-30", name="Ngày Chiến thắng")
    response = client.get(address(Holiday, "changelist"), {"q": "dinh mui"})
    assert [day.name for day in response.context["cl"].result_list] == ["Tết Đinh Mùi"]


def test_choosing_an_agency_finds_it_without_diacritics_and_names_its_code(
    client: Client, department: Agency
) -> None:
    source = {"app_label": "users", "model_name": "membership", "field_name": "agency"}
    response = client.get("/admin/autocomplete/", source | {"term": "xay dung"})
    assert [row["text"] for row in response.json()["results"]] == ["Sở Xây dựng (SXD)"]


def test_choosing_survives_a_null_character(client: Client) -> None:
    source = {"app_label": "users", "model_name": "membership", "field_name": "agency"}
    assert client.get("/admin/autocomplete/", source | {"term": "a\x00b"}).status_code == 200


def test_a_post_is_listed_with_person_and_agency(client: Client, head: User) -> None:
    response = client.get(address(Membership, "changelist"), {"q": "mac van hung"})
    assert [post.user for post in response.context["cl"].result_list] == [head]
