"""Pictures of signatures, measured on the page. Source: Decree 30/2020/NĐ-CP, Appendix I, II.7d and 8a."""

import io
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image

from agreements import pades
from tests.agreements.pdf_tools import (  # noqa: F401 - a fixture
    AT,
    BOLD,
    REGULAR,
    Cast,
    appearance,
    cast,
    make_signer,
    paper,
    tool,
)

MM = 72 / 25.4  # points
SCALE = 4  # pixels a point
BOX = pades.FieldSpec("KY_001", 1, 60, 300, 84 * MM, 47 * MM, "Chữ ký số")  # as the paper's own boxes are
BLUE, RED = (0, 51, 153, 255), (204, 0, 0, 255)
Edges = tuple[float, float, float, float]


def picture(width: int, height: int, colour: tuple[int, int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def signed(cast: Cast, **pictures: object) -> bytes:  # noqa: F811
    frozen = pades.freeze(paper(), [BOX], font=BOLD, small_font=REGULAR)
    certified = pades.certify(frozen, cast.authority.certifier(), at=AT)
    key = make_signer(cast.authority, "Người ký")
    result = pades.sign(certified, "KY_001", key, appearance(lines=("GIÁM ĐỐC",), **pictures), at=AT)
    pades.check_candidate(certified, result, "KY_001", key.certificate)
    verdict = pades.verify(result, cast.trust, at=AT).signatures[-1]
    assert (verdict.intact, verdict.valid, verdict.modification) == (True, True, pades.Modification.CLEAN)
    return result


def drawn(pdf: bytes, colour: tuple[int, int, int, int]) -> Edges:
    """Left, top, right, bottom of what has that colour, in millimetres from the box's top left corner."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    page = document[BOX.page - 1].render(scale=SCALE).to_pil().convert("RGB")
    mask = Image.new("1", page.size)
    mask.putdata([pixel == colour[:3] for pixel in page.getdata()])
    edges = mask.getbbox()
    assert edges, "nothing is drawn in this colour"
    left, top, right, bottom = (edge / SCALE / MM for edge in edges)
    x, y = BOX.x / MM, BOX.y / MM
    return left - x, top - y, right - x, bottom - y


def test_signature_stands_in_the_middle_between_capacity_and_name(cast: Cast) -> None:  # noqa: F811
    left, top, right, bottom = drawn(signed(cast, image=picture(400, 200, BLUE)), BLUE)
    assert (left + right) / 2 == pytest.approx(42, abs=0.4)
    assert right - left == pytest.approx(36, abs=0.5)  # as large as a signature may be
    assert top > 5.5  # under one line of capacity
    assert bottom < 47 - 5.5 - 5  # over the name, the time, and the note


def test_seal_has_its_real_size_and_covers_the_left_third(cast: Cast) -> None:  # noqa: F811
    seal = pades.SealPicture(picture(300, 300, RED), 36 * MM)
    pdf = signed(cast, image=picture(400, 200, BLUE), seal=seal)
    left, top, right, bottom = drawn(pdf, RED)
    assert (right - left, bottom - top) == pytest.approx((36, 36), abs=0.5)
    assert left == pytest.approx(0, abs=0.3)
    assert right == pytest.approx(42 - 18 + 36 / 3, abs=0.5)
    assert 0 <= top < bottom <= 47
    still_blue = drawn(pdf, BLUE)
    assert still_blue[0] == pytest.approx(right, abs=0.5)  # it lies over the signature


def test_seal_keeps_its_place_without_a_signature(cast: Cast) -> None:  # noqa: F811
    left, _, right, _ = drawn(signed(cast, seal=pades.SealPicture(picture(300, 300, RED), 36 * MM)), RED)
    assert (left, right) == pytest.approx((0, 36), abs=0.5)


def marked(cast: Cast, seal: pades.SealPicture | None, name: str = "Sở Xây dựng") -> bytes:  # noqa: F811
    """A head's signature, and her agency's own over the left third of it."""
    own = replace(BOX, name="DAU_001", width=pades.agency_width(BOX.width))
    frozen = pades.freeze(paper(), [BOX, own], font=BOLD, small_font=REGULAR)
    certified = pades.certify(frozen, cast.authority.certifier(), at=AT)
    head, key = make_signer(cast.authority, "Người ký"), make_signer(cast.authority, "Sở Xây dựng")
    blue = appearance(lines=("GIÁM ĐỐC",), image=picture(400, 200, BLUE))
    base = pades.sign(certified, "KY_001", head, blue, at=AT)
    shown = pades.AgencyAppearance(name, AT, note="Chữ ký số của cơ quan", seal=seal)
    result = pades.sign(base, "DAU_001", key, shown, at=AT)
    pades.check_candidate(base, result, "DAU_001", key.certificate)
    report = pades.verify(result, cast.trust, at=AT).signatures
    assert [one.modification for one in report] == [pades.Modification.CLEAN] * 3
    assert all(one.verdict is pades.Verdict.GOOD for one in report)
    return result


def test_agencys_own_signature_shows_its_seal_where_the_decree_wants_it(cast: Cast) -> None:  # noqa: F811
    pdf = marked(cast, pades.SealPicture(picture(300, 300, RED), 36 * MM))
    left, top, right, bottom = drawn(pdf, RED)
    assert (right - left, bottom - top) == pytest.approx((36, 36), abs=0.5)
    assert right == pytest.approx(42 - 18 + 36 / 3, abs=0.5)
    assert (top + bottom) / 2 == pytest.approx(47 / 2, abs=0.5)
    assert drawn(pdf, BLUE)[0] == pytest.approx(right, abs=0.5)  # it lies over the signature


@pytest.mark.parametrize("name", ["Sở Xây dựng", "Liên hiệp các hội khoa học tỉnh Thanh Hóa " * 4])
def test_without_a_picture_it_is_a_red_frame_that_stays_in_its_box(cast: Cast, name: str) -> None:  # noqa: F811
    left, top, right, bottom = drawn(marked(cast, None, name), RED)
    assert left >= -0.3
    assert right == pytest.approx(42 - 18 + 36 / 3, abs=0.5)
    assert 0 < top < bottom < 47


def test_lines_keep_to_the_column_under_a_box_that_is_wider(cast: Cast) -> None:  # noqa: F811
    lines = ("TM. BAN THƯỜNG VỤ TỈNH ĐOÀN THANH HÓA VÀ CÁC TỔ CHỨC THÀNH VIÊN",)
    frozen = pades.freeze(paper(), [BOX], font=BOLD, small_font=REGULAR)
    certified = pades.certify(frozen, cast.authority.certifier(), at=AT)
    pdf = pades.sign(certified, "KY_001", cast.signers[0], appearance(lines=lines), at=AT)
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    box = [round(v * SCALE) for v in (BOX.x, BOX.y, BOX.x + BOX.width, BOX.y + BOX.height)]
    page = document[BOX.page - 1].render(scale=SCALE).to_pil().convert("L").crop(box)
    left, _, right, _ = page.point(lambda v: 255 if v < 60 else 0).getbbox()
    assert left / SCALE / MM >= 4
    assert right / SCALE / MM <= 80.2


def test_same_pictures_give_the_same_bytes_before_the_signature(cast: Cast) -> None:  # noqa: F811
    seal = pades.SealPicture(picture(300, 300, RED), 36 * MM)
    frozen = pades.freeze(paper(), [BOX], font=BOLD, small_font=REGULAR)
    certificate = cast.signers[0].certificate
    first, second = (
        pades.prepare(frozen, "KY_001", certificate, appearance(image=picture(9, 9, BLUE), seal=seal), at=AT)
        for _ in range(2)
    )
    changed_by_chance = b"/ID"  # the second half of it
    assert first.tail.split(changed_by_chance)[0] == second.tail.split(changed_by_chance)[0]
