"""The quick check under the lock: what it refuses, each refusal beside what it lets through."""

from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic

from agreements import pades
from agreements.pades.files import NAME, QuietWriter
from tests.agreements import pdf_tools
from tests.agreements.pdf_tools import (
    AT,
    Cast,
    added_note,
    added_script,
    appearance,
    cast,
    make_signer,
    moved_field,
    redrawn_signature,
    replaced_page,
)

__all__ = ["cast"]  # the fixture

Change = Callable[[QuietWriter], None]


def nothing(writer: QuietWriter) -> None:
    pass


def unused_object(writer: QuietWriter) -> None:
    writer.add_object(generic.DictionaryObject({NAME("/Hidden"): generic.pdf_string("x")}))


def rewritten_font(writer: QuietWriter) -> None:
    font = writer.root["/AcroForm"]["/DR"]["/Font"].raw_get("/Bold")
    writer.mark_update(font)


def own_font(writer: QuietWriter) -> None:
    """A drawing whose letters are the signer's own."""
    font = writer.add_object(generic.DictionaryObject({NAME("/Type"): NAME("/Font")}))
    fonts = generic.DictionaryObject({NAME("/Own"): font})
    draw(writer, {"/Resources": generic.DictionaryObject({NAME("/Font"): fonts})})


def wide_drawing(writer: QuietWriter) -> None:
    """A drawing made for another box is stretched over this one."""
    draw(writer, {"/BBox": generic.ArrayObject(map(generic.NumberObject, (0, 0, 5, 5)))})


def plain_drawing(writer: QuietWriter) -> None:
    draw(writer, {})


def draw(writer: QuietWriter, changes: dict[str, generic.PdfObject]) -> None:
    field = writer.root["/AcroForm"]["/Fields"][2]
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    box = generic.ArrayObject(generic.FloatObject(edge) for edge in (0, 0, right - left, top - bottom))
    entries = {
        "/Type": NAME("/XObject"),
        "/Subtype": NAME("/Form"),
        "/BBox": box,
        "/Resources": generic.DictionaryObject(),
    }
    form = generic.StreamObject(entries | changes, stream_data=b"")
    field[NAME("/AP")] = generic.DictionaryObject({NAME("/N"): writer.add_object(form)})


def relabelled_field(writer: QuietWriter) -> None:
    writer.root["/AcroForm"]["/Fields"][2][NAME("/TU")] = generic.pdf_string("Khác")


def field_with_action(writer: QuietWriter) -> None:
    action = generic.DictionaryObject(
        {NAME("/S"): NAME("/URI"), NAME("/URI"): generic.pdf_string("http://x")}
    )
    writer.root["/AcroForm"]["/Fields"][2][NAME("/A")] = action


def other_information(writer: QuietWriter) -> None:
    writer.set_info(generic.DictionaryObject({NAME("/Title"): generic.pdf_string("Khác")}))


@pytest.fixture
def head(cast: Cast) -> bytes:
    """KY_001 is signed; KY_002 is next."""
    return pades.sign(cast.certified, "KY_001", cast.signers[0], appearance(), at=AT)


def refusal(head: bytes, candidate: bytes, field: str, certificate: bytes) -> str:
    with pytest.raises(pades.CandidateRefused) as refused:
        pades.check_candidate(head, candidate, field, certificate)
    return refused.value.code


def test_genuine_candidate_passes(cast: Cast, head: bytes) -> None:
    key = cast.signers[1]
    pades.check_candidate(
        head, pades.sign(head, "KY_002", key, appearance(), at=AT), "KY_002", key.certificate
    )


@pytest.mark.parametrize("change", [nothing, plain_drawing])
def test_candidate_by_another_hand_passes_when_it_only_signs(
    cast: Cast,
    head: bytes,
    change: Change,
) -> None:
    """The control of the refusals below: the same hand, the same key, nothing else changed."""
    candidate = pdf_tools.sign_with(head, "KY_002", cast.signers[1], change)
    pades.check_candidate(head, candidate, "KY_002", cast.signers[1].certificate)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (replaced_page, "changed_object"),
        (added_note, "changed_object"),
        (added_script, "changed_object"),
        (rewritten_font, "changed_object"),
        (redrawn_signature, "changed_object"),
        (moved_field, "changed_object"),
        (unused_object, "extra_object"),
        (relabelled_field, "field_changed"),
        (field_with_action, "field_changed"),
        (own_font, "appearance"),
        (wide_drawing, "appearance"),
        (other_information, "trailer"),
    ],
)
def test_genuine_signature_over_something_else_is_refused(
    cast: Cast,
    head: bytes,
    change: Change,
    code: str,
) -> None:
    candidate = pdf_tools.sign_with(head, "KY_002", cast.signers[1], change)
    assert refusal(head, candidate, "KY_002", cast.signers[1].certificate) == code


def test_other_field_is_refused(cast: Cast, head: bytes) -> None:
    key = cast.signers[1]
    candidate = pades.sign(head, "KY_003", key, appearance(), at=AT)
    assert refusal(head, candidate, "KY_002", key.certificate) == "wrong_field"
    assert refusal(head, candidate, "KY_001", key.certificate) == "wrong_field"


def test_other_certificate_is_refused(cast: Cast, head: bytes) -> None:
    candidate = pades.sign(head, "KY_002", cast.signers[1], appearance(), at=AT)
    assert refusal(head, candidate, "KY_002", cast.signers[2].certificate) == "certificate"


def test_same_name_with_another_key_is_refused(cast: Cast, head: bytes) -> None:
    twin = make_signer(cast.authority, "Người ký 2")
    candidate = pades.sign(head, "KY_002", twin, appearance(), at=AT)
    assert refusal(head, candidate, "KY_002", cast.signers[1].certificate) == "certificate"


def test_certificate_without_its_key_is_refused(cast: Cast, head: bytes) -> None:
    mixed = pades.SigningKey(cast.signers[1].certificate, cast.signers[2].private_key, cast.signers[1].chain)
    candidate = pades.sign(head, "KY_002", mixed, appearance(), at=AT)
    assert refusal(head, candidate, "KY_002", cast.signers[1].certificate) == "value"


def test_two_signatures_at_once_are_refused(cast: Cast, head: bytes) -> None:
    one = pades.sign(head, "KY_002", cast.signers[1], appearance(), at=AT)
    two = pades.sign(one, "KY_003", cast.signers[2], appearance(), at=AT)
    assert refusal(head, two, "KY_003", cast.signers[2].certificate) == "revisions"


def test_change_slipped_below_the_signature_is_refused(cast: Cast, head: bytes) -> None:
    candidate = pades.sign(pdf_tools.append(head, added_note), "KY_002", cast.signers[1], appearance(), at=AT)
    assert refusal(head, candidate, "KY_002", cast.signers[1].certificate) == "revisions"


def test_signature_on_an_older_state_is_refused(cast: Cast, head: bytes) -> None:
    """Two signers started from the same head: the second would drop the first."""
    stale = pades.sign(cast.certified, "KY_002", cast.signers[1], appearance(), at=AT)
    assert refusal(head, stale, "KY_002", cast.signers[1].certificate) == "not_on_head"


def test_head_itself_is_refused(cast: Cast, head: bytes) -> None:
    assert refusal(head, head, "KY_002", cast.signers[1].certificate) == "nothing_added"


def test_update_without_signature_is_refused(cast: Cast, head: bytes) -> None:
    assert (
        refusal(head, pdf_tools.append(head, added_note), "KY_002", cast.signers[1].certificate)
        == "wrong_field"
    )


def test_bytes_after_the_signature_are_refused(cast: Cast, head: bytes) -> None:
    candidate = pades.sign(head, "KY_002", cast.signers[1], appearance(), at=AT)
    assert refusal(head, candidate + b"%", "KY_002", cast.signers[1].certificate) in (
        "coverage",
        "unreadable",
    )


def test_flipped_byte_in_the_drawing_is_refused(cast: Cast, head: bytes) -> None:
    candidate = pades.sign(head, "KY_002", cast.signers[1], appearance(), at=AT)
    place = candidate.index(b"stream", len(head)) + 30
    broken = candidate[:place] + bytes([candidate[place] ^ 1]) + candidate[place + 1 :]
    assert refusal(head, broken, "KY_002", cast.signers[1].certificate) == "digest"


def test_tampered_signature_is_refused(cast: Cast, head: bytes) -> None:
    candidate = pades.sign(head, "KY_002", cast.signers[1], appearance(), at=AT)
    start = candidate.rindex(b"/Contents <") + len(b"/Contents <")
    filled = candidate[start : candidate.index(b">", start)].rstrip(b"0")
    place = start + len(filled) - 3
    flipped = b"A" if candidate[place : place + 1] != b"A" else b"B"
    broken = candidate[:place] + flipped + candidate[place + 1 :]
    assert refusal(head, broken, "KY_002", cast.signers[1].certificate) == "value"


@pytest.mark.parametrize("tail", [b"garbage", b"\nstartxref\n0\n%%EOF\n", b"\nstartxref\n99999999\n%%EOF\n"])
def test_garbage_after_the_head_is_refused(cast: Cast, head: bytes, tail: bytes) -> None:
    assert refusal(head, head + tail, "KY_002", cast.signers[1].certificate)
