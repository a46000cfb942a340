"""Freezing, certifying and signing real PDF files."""

import hashlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic

from agreements import pades
from agreements.pades.files import items, open_pdf
from tests.agreements import pdf_tools
from tests.agreements.pdf_tools import AT, BOLD, FIELDS, Cast, appearance, cast, frozen_paper, paper

__all__ = ["cast"]  # the fixture


# Freezing ----------------------------------------------------------------------------------
def test_freezing_twice_gives_the_same_bytes() -> None:
    assert frozen_paper() == frozen_paper()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_freezing_repeats_in_another_process(seed: str) -> None:
    script = (
        "import hashlib; from tests.agreements.pdf_tools import frozen_paper;"
        "print(hashlib.sha256(frozen_paper()).hexdigest())"
    )
    environment = {"PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == hashlib.sha256(frozen_paper()).hexdigest()


def test_frozen_paper_begins_with_the_rendered_one(cast: Cast) -> None:
    assert cast.frozen.startswith(paper())


def test_qpdf_accepts_every_state(cast: Cast, tmp_path: Path) -> None:
    for pdf in (cast.frozen, cast.certified, cast.signed):
        assert pdf_tools.qpdf_accepts(pdf, tmp_path)


def test_every_field_is_printed_tagged_and_named(cast: Cast) -> None:
    fields = open_pdf(cast.frozen).root["/AcroForm"]["/Fields"]
    assert [str(field["/T"]) for field in items(fields)] == [
        "CHUNG_THUC",
        *(field.name for field in FIELDS),
    ]
    for field in items(fields):
        assert field["/F"] & 0b100, "printed"
        assert not field["/F"] & 0b10, "not hidden"
        assert "/StructParent" in field
        assert field["/TU"]


def test_every_tag_leads_back_to_its_field(cast: Cast) -> None:
    root = open_pdf(cast.frozen).root
    numbers = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    elements = {int(numbers[n]): numbers[n + 1] for n in range(0, len(numbers), 2)}
    for field in items(root["/AcroForm"]["/Fields"]):
        assert elements[int(field["/StructParent"])]["/K"]["/Obj"]["/T"] == field["/T"]


def test_box_is_measured_from_the_top_left(cast: Cast) -> None:
    field = open_pdf(cast.frozen).root["/AcroForm"]["/Fields"][1]
    page = field["/P"]["/MediaBox"]
    spec = FIELDS[0]
    top = float(page[3]) - spec.y
    expected = (spec.x, top - spec.height, spec.x + spec.width, top)
    assert [float(edge) for edge in field["/Rect"]] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "KY_00"}, "field_name"),  # the beginning of KY_001
        ({"name": "KY_001"}, "field_name"),
        ({"name": "KY.9"}, "field_name"),
        ({"name": ""}, "field_name"),
        ({"page": 3}, "page"),
        ({"page": 0}, "page"),
        ({"x": 500.0}, "page"),
        ({"y": -1.0}, "page"),
    ],
)
def test_field_that_cannot_be_placed_is_refused(changes: dict[str, object], code: str) -> None:
    extra = replace(FIELDS[0], name="KY_099")
    pades.freeze(paper(), [*FIELDS, extra], font=BOLD)
    with pytest.raises(pades.FreezeError) as refused:
        pades.freeze(paper(), [*FIELDS, replace(extra, **changes)], font=BOLD)
    assert refused.value.code == code


def test_frozen_paper_is_not_frozen_again(cast: Cast) -> None:
    with pytest.raises(pades.FreezeError, match="has_fields"):
        pades.freeze(cast.frozen, FIELDS, font=BOLD)


def test_what_is_no_font_is_refused() -> None:
    with pytest.raises(pades.FreezeError, match="font"):
        pades.freeze(paper(), FIELDS, font=b"no font")


# Signing -----------------------------------------------------------------------------------
def test_pdfsig_accepts_certification_and_five_signatures(cast: Cast, tmp_path: Path) -> None:
    seen = pdf_tools.pdfsig(cast.signed, tmp_path)
    assert [item.field for item in seen] == ["CHUNG_THUC", *(field.name for field in FIELDS)]
    assert [item.signer for item in seen] == ["Cổng phối hợp", *(f"Người ký {n}" for n in range(1, 6))]
    assert all(item.is_valid and item.kind == "ETSI.CAdES.detached" for item in seen)
    assert [item.covers_file for item in seen] == [False] * 5 + [True]


def test_pdfsig_sees_a_flipped_byte(cast: Cast, tmp_path: Path) -> None:
    """The control of the test above: the tool can say no."""
    place = cast.signed.index(b"Trang") if b"Trang" in cast.signed else 900
    broken = cast.signed[:place] + bytes([cast.signed[place] ^ 1]) + cast.signed[place + 1 :]
    assert not any(item.is_valid for item in pdf_tools.pdfsig(broken, tmp_path))


def test_signature_only_appends(cast: Cast) -> None:
    assert cast.signed.startswith(cast.certified)
    assert cast.certified.startswith(cast.frozen)


def test_no_signature_adds_a_font_or_metadata(cast: Cast) -> None:
    """The pinned pyHanko still obeys QuietWriter: no new XMP, no new document information."""
    added = cast.signed[len(cast.frozen) :]
    assert cast.frozen.count(b"/FontFile2") == paper().count(b"/FontFile2") + 2
    for part in (b"/FontFile2", b"/Metadata <<", b"/Producer", b"xpacket"):
        assert part not in added


def test_signature_without_image_stays_small(cast: Cast) -> None:
    signed = pades.sign(cast.certified, "KY_001", cast.signers[0], appearance(), at=AT)
    assert len(signed) - len(cast.certified) < 13_000


def test_document_is_certified_for_signatures_only(cast: Cast) -> None:
    signature = open_pdf(cast.certified).root["/Perms"]["/DocMDP"]
    assert signature["/Reference"][0]["/TransformParams"]["/P"] == 2


def test_time_is_written_into_the_signed_dictionary(cast: Cast) -> None:
    signature = open_pdf(cast.certified).root["/Perms"]["/DocMDP"]
    assert generic.parse_pdf_date(signature["/M"]) == AT


def test_appearance_tells_capacity_time_and_name_inside_its_box(cast: Cast, tmp_path: Path) -> None:
    seen = appearance(
        lines=("TM. BAN THƯỜNG TRỰC ỦY BAN MẶT TRẬN TỔ QUỐC VIỆT NAM TỈNH THANH HÓA", "CHỦ TỊCH")
    )
    signed = pades.sign(cast.certified, "KY_001", cast.signers[0], seen, at=AT)
    words = pdf_tools.text_boxes(signed, tmp_path, FIELDS[0].page)
    x, y, width, height = FIELDS[0].x, FIELDS[0].y, FIELDS[0].width, FIELDS[0].height
    inside = [
        word
        for word, x0, y0, x1, y1 in words
        if x <= x0 and x1 <= x + width and y - 2 <= y0 and y1 <= y + height + 2
    ]
    text = " ".join(inside)
    assert "MẶT TRẬN TỔ QUỐC VIỆT NAM" in text.replace("\n", " ")
    assert text.endswith("Phí Công Minh Triết 14/03/2023 09:05:07 +07:00 Cổng")
    pattern = re.compile("Triết|MẶT|14/03/2023")
    assert not [word for word, *_ in words if pattern.search(word) and word not in inside]


def test_image_is_drawn(cast: Cast) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 200), (20, 50, 160, 128)).save(out, "PNG")
    signed = pades.sign(cast.certified, "KY_001", cast.signers[0], appearance(image=out.getvalue()), at=AT)
    field = open_pdf(signed).root["/AcroForm"]["/Fields"][1]
    assert field["/AP"]["/N"]["/Resources"]["/XObject"]["/Image"]["/Width"] == 400
    pades.check_candidate(cast.certified, signed, "KY_001", cast.signers[0].certificate)


@pytest.mark.parametrize(
    ("changes", "letter"), [({"name": "Nguyễn 王"}, "王"), ({"note": "→"}, "→"), ({"lines": ("ЖЖ",)}, "Ж")]
)
def test_letter_that_the_font_lacks_is_named(cast: Cast, changes: dict[str, object], letter: str) -> None:
    with pytest.raises(pades.AppearanceError) as refused:
        pades.sign(cast.certified, "KY_001", cast.signers[0], appearance(**changes), at=AT)
    assert (refused.value.code, refused.value.character) == ("no_glyph", letter)


def test_decomposed_name_is_drawn_composed(cast: Cast) -> None:
    seen = appearance("Nguye\u0302\u0303n")
    pades.sign(cast.certified, "KY_001", cast.signers[0], seen, at=AT)


def test_broken_image_is_refused(cast: Cast) -> None:
    with pytest.raises(pades.AppearanceError, match="image"):
        pades.sign(cast.certified, "KY_001", cast.signers[0], appearance(image=b"\x89PNG broken"), at=AT)


@pytest.mark.parametrize(("field", "code"), [("KY_001", "already_signed"), ("KY_999", "no_such_field")])
def test_field_that_cannot_be_signed(cast: Cast, field: str, code: str) -> None:
    with pytest.raises(pades.SigningError) as refused:
        pades.sign(cast.signed, field, cast.signers[0], appearance(), at=AT)
    assert refused.value.code == code


def test_paper_without_fields_cannot_be_signed(cast: Cast) -> None:
    with pytest.raises(pades.SigningError):
        pades.sign(paper(), "KY_001", cast.signers[0], appearance(), at=AT)
