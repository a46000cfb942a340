"""Pages and buttons of a round: what a head, the officer and the commander find, and what a form keeps."""

import uuid

import pytest
from django.urls import reverse

from agreements import decisions, documents, parties, waves
from agreements.models import Document, SignatureField
from portal.users import totp
from tests.agreements.conftest import PIN
from tests.factories import NOW, AuthorisationFactory

pytestmark = pytest.mark.usefixtures("now")
REASON = {"reason": "Chưa thống nhất kinh phí"}


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=args)


@pytest.fixture
def field(document, department, cast) -> SignatureField:
    return document.fields.get(agency=department)


def page_of(client, document) -> str:
    return client.get(url("detail", document.pk)).content.decode()


# --- The head -----------------------------------------------------------------------------------------
def test_head_hands_over_with_one_button(document, field, head, deputy, login):
    client = login(head)
    assert "Giao Tạ Thu Hà ký thay (KT.)" in page_of(client, document)
    client.post(url("delegate", document.pk), {"deputy": deputy.pk})
    field.refresh_from_db()
    assert field.delegate == deputy
    assert "đã giao Tạ Thu Hà ký thay" in page_of(client, document)
    client.post(url("take_back", document.pk))
    field.refresh_from_db()
    assert field.delegate is None


@pytest.mark.parametrize("sent", ["", "abc", "999999"])
def test_handing_over_to_nobody_is_a_message(document, field, head, login, sent):
    answer = login(head).post(url("delegate", document.pk), {"deputy": sent}, follow=True)
    assert "alert-danger" in answer.content.decode()


def test_deputy_finds_in_the_room_that_it_is_hers(document, field, head, deputy, login):
    room = url("sign", document.pk)
    assert "Lý do thủ trưởng không ký" in login(deputy).get(room).content.decode()
    parties.delegate(field, by=head, at=NOW, to=deputy)
    page = login(deputy).get(room).content.decode()
    assert "Thủ trưởng đã giao văn bản này" in page
    assert "Lý do thủ trưởng không ký" not in page


def test_missing_grounds_stand_beside_their_field(document, field, deputy, enrolled, login):
    enrolled(deputy)
    sent = {
        "read": "on",
        "pin": PIN,
        "code": totp.next_code(deputy, at=NOW),
        "sha256": document.frozen_id,
        "key": str(uuid.uuid4()),
    }
    client = login(deputy)
    refused = client.post(url("sign", document.pk), sent)
    assert refused.status_code == 400
    assert "id_grounds_error" in refused.content.decode()
    assert (
        client.post(url("sign", document.pk), sent | {"grounds": "Giám đốc đi công tác"}).status_code == 302
    )


def test_room_lets_an_acting_head_choose(document, field, officer, deputy, login):
    acting = AuthorisationFactory(person=deputy, recorded_by=officer, capacity="q", title="")
    page = login(deputy).get(url("sign", document.pk)).content.decode()
    assert f'value="q-{acting.pk}"' in page
    assert "Q. GIÁM ĐỐC" in page


def test_head_declines_and_takes_it_back(document, field, head, front_head, login):
    client = login(head)
    short = client.post(url("decline", document.pk), {"reason": "vì"})
    assert short.status_code == 400
    assert ">vì</textarea>" in short.content.decode().replace("\n", "")
    client.post(url("decline", document.pk), REASON)
    assert REASON["reason"] in page_of(login(front_head), document)
    assert "Rút lại việc từ chối" in page_of(client, document)
    client.post(url("reconsider", document.pk))
    assert not SignatureField.objects.exclude(declined_at=None).exists()


@pytest.mark.parametrize("name", ["delegate", "take_back", "decline", "reconsider"])
@pytest.mark.parametrize("who", ["deputy", "officer", "viewer", "focal_point"])
def test_nobody_answers_for_the_head(document, cast, login, name, who):
    assert login(getattr(cast, who)).post(url(name, document.pk), REASON).status_code == 403


def test_who_is_not_on_turn_sees_how_many_come_before(frozen, cast, login):
    waves.choose(frozen, by=cast.officer, at=NOW, order="host_last")
    documents.open_round(frozen, by=cast.officer, at=NOW)
    page = page_of(login(cast.commander), frozen)
    assert "Còn 2 cơ quan ký trước" in page
    assert "Chưa đến lượt cơ quan ký" in login(cast.head).get(url("sign", frozen.pk)).content.decode()


# --- The officer --------------------------------------------------------------------------------------
def test_officer_notes_and_urges(document, field, officer, login):
    client = login(officer)
    for name in ("absent", "present", "urge"):
        assert client.post(url(name, document.pk, field.order)).status_code == 302
    field.refresh_from_db()
    assert (field.absent_at, field.urged_on) == (None, NOW.date())
    assert "Đã đôn đốc hôm nay" in page_of(client, document)
    assert client.post(url("urge", document.pk, 99)).status_code == 404


def test_officer_sets_the_order(frozen, officer, login):
    client = login(officer)
    client.post(url("order", frozen.pk), {"order": "protocol"})
    assert Document.objects.get().order == "protocol"
    assert client.post(url("order", frozen.pk), {"order": "x"}).status_code == 400


# --- The commander ------------------------------------------------------------------------------------
def test_commander_decides_on_a_refusal(document, field, head, commander, login):
    client = login(commander)
    assert "decide-h" not in page_of(client, document)
    parties.decline(field, by=head, at=NOW, reason=REASON["reason"])
    assert "decide-h" in page_of(client, document)
    assert client.post(url("go_on", document.pk), {"reason": ""}).status_code == 400
    client.post(url("go_on", document.pk), REASON)
    field.refresh_from_db()
    assert field.left_out_at
    client.post(url("end_round", document.pk), REASON)
    assert Document.objects.get().state == "terminated"


def test_commander_s_home_asks_for_the_decision(document, field, head, commander, login):
    client = login(commander)
    assert "Quyết định về đợt ký" not in client.get(reverse("home")).content.decode()
    parties.decline(field, by=head, at=NOW, reason=REASON["reason"])
    assert "Quyết định về đợt ký" in client.get(reverse("home")).content.decode()
    decisions.go_on(document, by=commander, at=NOW, reason="Giao cơ quan khác")
    assert "Quyết định về đợt ký" not in client.get(reverse("home")).content.decode()


def test_signer_reads_why_it_ended(document, field, head, stranger, commander, login):
    documents.withdraw(document, by=commander, at=NOW, reason="Sửa phân công mục IV")
    answer = login(head).get(url("detail", document.pk))
    assert answer.status_code == 410
    assert "Sửa phân công mục IV" in answer.content.decode()
    assert login(stranger).get(url("detail", document.pk)).status_code == 404


def test_page_of_a_document_costs_the_same_however_many_parties(
    document, officer, login, django_assert_max_num_queries
):
    client = login(officer)
    page_of(client, document)
    with django_assert_max_num_queries(20):
        page_of(client, document)
