"""Pictures of signatures and seals: who gives them, what is taken, where they are shown, and how they end."""

import io
import json
import threading

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import translation
from PIL import Image, ImageDraw

from agreements import access, marks, verification
from agreements.models import MarkPicture
from portal.audit.models import Event
from portal.files import recalls, store
from portal.lib.errors import RuleError
from tests.factories import NOW

Kind = MarkPicture.Kind
MARKS = reverse("agreements:marks")


def png(*, ground=(255, 255, 255, 0), ink=(0, 0, 0, 255), size=(300, 300), stroke=12, name="a.png"):
    """A ring on a ground, as an upload."""
    picture = Image.new("RGBA", size, ground)
    if ink:
        edges = (20, 20, size[0] - 20, size[1] - 20)
        ImageDraw.Draw(picture).ellipse(edges, outline=ink, width=stroke)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


def picture(form: str, mode: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (100, 100), "white").save(out, form)
    return out.getvalue()


def sent(kind, by, **given) -> MarkPicture:
    width = 36 if kind == Kind.SEAL else None
    return marks.provide(kind, by=by, at=NOW, sent=png(**given), width_mm=width)


def kept(mark: MarkPicture) -> Image.Image:
    return Image.open(io.BytesIO(store.read(mark.file_id)))


# --- What is taken ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "colour"), [(Kind.SIGNATURE, (0, 51, 153)), (Kind.SEAL, (204, 0, 0))], ids=["blue", "red"]
)
def test_mark_is_cut_out_and_gets_the_colour_of_the_decree(head, kind, colour):
    picture = kept(sent(kind, head))
    assert picture.mode == "RGBA"
    assert picture.size == (261, 261)  # without the ground around it
    alpha = picture.getchannel("A")
    assert {pixel[:3] for pixel in picture.getdata() if pixel[3]} == {colour}
    assert alpha.getpixel((130, 130)) == 0
    assert alpha.getpixel((130, 3)) == 255


def test_white_paper_is_taken_as_no_ground(head):
    picture = kept(sent(Kind.SEAL, head, ground=(250, 248, 240, 255), ink=(200, 30, 30, 255)))
    assert picture.getchannel("A").getpixel((130, 130)) == 0
    assert picture.getchannel("A").getpixel((130, 3)) > 200


def test_large_scan_is_made_smaller(head):
    assert kept(sent(Kind.SEAL, head, size=(1800, 1800), stroke=60)).size == (420, 420)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (Kind.SIGNATURE, {"ink": None}, "Nothing is to be seen"),
        (Kind.SIGNATURE, {"size": (50, 50)}, "too small"),
        (Kind.SIGNATURE, {"ground": (0, 40, 0, 255)}, "neither transparent nor white"),
        (Kind.SIGNATURE, {"jpeg": picture("JPEG", "RGB")}, "Save the picture as PNG"),
        (Kind.SEAL, {"size": (900, 300)}, "does not look like a seal"),
        (Kind.SEAL, {"width_mm": 90}, "20 to 50 mm"),
    ],
)
def test_what_is_no_mark_is_refused_and_leaves_nothing(head, kind, given, words):
    width_mm, jpeg = given.pop("width_mm", 36), given.pop("jpeg", None)
    picture = SimpleUploadedFile("a.jpg", jpeg) if jpeg else png(**given)
    with translation.override("en"), pytest.raises(RuleError, match=words):
        marks.provide(kind, by=head, at=NOW, sent=picture, width_mm=width_mm)
    assert not MarkPicture.objects.exists()


def test_same_picture_gives_the_same_bytes(head, deputy):
    assert sent(Kind.SIGNATURE, head).file_id == sent(Kind.SIGNATURE, deputy).file_id


# --- Who gives it ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["focal_point", "viewer", "admin", "officer"])
@pytest.mark.parametrize("kind", Kind)
def test_who_neither_signs_nor_keeps_the_seal_gives_none(cast, kind, who):
    with pytest.raises(PermissionDenied):
        sent(kind, getattr(cast, who))


def test_deputy_gives_her_signature_and_no_seal(deputy):
    assert sent(Kind.SIGNATURE, deputy).person == deputy
    with pytest.raises(PermissionDenied):
        sent(Kind.SEAL, deputy)


def test_records_office_gives_the_seal_and_no_signature(clerk, host):
    assert sent(Kind.SEAL, clerk).agency == host
    with pytest.raises(PermissionDenied):
        sent(Kind.SIGNATURE, clerk)


def test_giving_it_is_recorded(head):
    mark = sent(Kind.SEAL, head)
    event = Event.objects.get(verb="mark.provided")
    assert event.agency_code == "SXD"
    assert json.loads(event.payload) == {"mark": "seal", "sha256": mark.file_id}


# --- Replaced and withdrawn -----------------------------------------------------------------------------
def test_new_picture_ends_the_one_before(head):
    first, second = sent(Kind.SEAL, head), sent(Kind.SEAL, head, stroke=30)
    first.refresh_from_db()
    assert (first.withdrawn_at, first.withdrawn_by) == (NOW, head)
    assert marks.shown(head).seal.png == store.read(second.file_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_two_who_keep_the_seal_give_it_one_after_the_other(commander, clerk):
    faults: list[BaseException] = []

    def give(by):
        try:
            marks.keep(Kind.SEAL, marks.Ink(1, 1, b"\xff"), by=by, at=NOW, width_mm=36)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give, args=[by]) for by in (commander, clerk) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert MarkPicture.objects.filter(withdrawn_at=None).count() == 1
    assert MarkPicture.objects.count() == 6


def test_database_keeps_one_seal_an_agency(head):
    mark = sent(Kind.SEAL, head)
    mark.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        mark.save(force_insert=True)


def test_withdrawn_picture_is_shown_no_more(head):
    mark = sent(Kind.SIGNATURE, head)
    marks.withdraw(mark, by=head, at=NOW)
    assert marks.shown(head) == marks.Shown()
    assert Event.objects.filter(verb="mark.withdrawn").count() == 1


def test_withdrawing_twice_is_refused(head):
    mark = sent(Kind.SIGNATURE, head)
    marks.withdraw(MarkPicture.objects.get(pk=mark.pk), by=head, at=NOW)
    with pytest.raises(RuleError):
        marks.withdraw(mark, by=head, at=NOW)


@pytest.mark.parametrize("who", ["deputy", "stranger", "commander"])
def test_nobody_else_withdraws_it(cast, head, who):
    for kind in Kind:
        with pytest.raises(PermissionDenied):
            marks.withdraw(sent(kind, head), by=getattr(cast, who), at=NOW)


def test_recalled_picture_is_shown_no_more(head, admin):
    mark = sent(Kind.SIGNATURE, head)
    recalls.recall(mark.file, by=admin, at=NOW, reason="Nhầm ảnh")
    assert marks.shown(head).signature is None


# --- In a signature -------------------------------------------------------------------------------------
def reds_and_blues(pdf: bytes, page: int) -> tuple[int, int]:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    pixels = list(document[page - 1].render(scale=1).to_pil().convert("RGB").getdata())
    return pixels.count((204, 0, 0)), pixels.count((0, 51, 153))


def test_signature_shows_handwriting_and_seal_and_keeps_them(document, head, sign):
    sent(Kind.SEAL, head, stroke=40)
    mark = sent(Kind.SIGNATURE, head, stroke=40)
    signature = sign(document, head)
    marks.withdraw(mark, by=head, at=NOW)
    red, blue = reds_and_blues(store.read(signature.file_id), signature.field.page)
    assert red > 300
    assert blue > 50


def test_deputy_signs_with_her_own_hand_and_the_agencys_seal(document, head, deputy):
    seal = sent(Kind.SEAL, head)
    sent(Kind.SIGNATURE, head)
    seen = marks.shown(deputy)
    assert seen.signature is None
    assert seen.seal.png == store.read(seal.file_id)
    assert seen.seal.width == pytest.approx(36 * 72 / 25.4)


def test_signature_without_pictures_is_as_before(document, head, sign):
    signature = sign(document, head)
    assert reds_and_blues(store.read(signature.file_id), signature.field.page) == (0, 0)


def test_signature_with_pictures_passes_its_check(document, head, sign):
    sent(Kind.SEAL, head)
    sent(Kind.SIGNATURE, head)
    signature = sign(document, head)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert signature.check_state == "good"


# --- The page ------------------------------------------------------------------------------------------
def test_page_without_a_picture_says_how_to_give_one(login, head):
    answer = login(head).get(MARKS)
    assert answer.status_code == 200
    assert "chưa có" in answer.text.lower()


def test_page_takes_a_picture_and_shows_it(login, head):
    client = login(head)
    answer = client.post(MARKS, {"sent": png(), "width_mm": 36, "seal": "1"}, follow=True)
    mark = MarkPicture.objects.get()
    address = reverse("agreements:mark_picture", args=[mark.pk])
    assert mark.kind == Kind.SEAL
    assert address in answer.text
    picture = client.get(address)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert picture["Cache-Control"] == "no-store"


def test_refusal_stands_beside_its_field(login, head):
    answer = login(head).post(MARKS, {"sent": png(ink=None), "signature": "1"})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text or "is-invalid" in answer.text
    assert not MarkPicture.objects.exists()


def test_seal_of_another_agency_is_not_to_be_had(login, head, stranger, commander):
    mark = sent(Kind.SEAL, head)
    for other in (stranger, commander):
        assert login(other).get(reverse("agreements:mark_picture", args=[mark.pk])).status_code == 404
        assert login(other).post(reverse("agreements:withdraw_mark", args=[mark.pk])).status_code == 404


def test_deputy_sees_the_seal_and_cannot_change_it(login, head, deputy):
    mark = sent(Kind.SEAL, head)
    client = login(deputy)
    assert 'name="seal"' not in client.get(MARKS).text
    assert client.post(reverse("agreements:withdraw_mark", args=[mark.pk])).status_code == 403
    assert access.visible_marks(deputy).get() == mark


def test_page_withdraws_a_picture(login, head):
    mark = sent(Kind.SIGNATURE, head)
    assert login(head).post(reverse("agreements:withdraw_mark", args=[mark.pk])).status_code == 302
    mark.refresh_from_db()
    assert mark.withdrawn_at


def test_page_asks_a_fixed_number_of_questions(login, head, django_assert_max_num_queries):
    client = login(head)
    for stroke in range(10, 40, 6):
        sent(Kind.SEAL, head, stroke=stroke)
    with django_assert_max_num_queries(16):
        client.get(MARKS)
