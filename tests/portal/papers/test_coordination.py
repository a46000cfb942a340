"""The coordination programme as a paper: what is in it, what is refused, where it is signed."""

import datetime as dt
import hashlib
import io
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest

from portal.papers.coordination import (
    AssignmentGroup,
    Box,
    Issuer,
    Item,
    PaperError,
    Rendered,
    Section,
    render_coordination,
)
from portal.papers.reading import missing_texts, page_texts
from tests.portal.papers import measure, samples
from tests.portal.papers.samples import party, row, small, small_paper

HOSTILE = "#panic() $x$ @ref *b* _i_ \\ \"q\" 's' `c` <lab> // c /* d */ [x] {y} = h -- #{1+1} %(a)s {{x}}"
LONG_NAME = "Ban Chỉ đạo phòng, chống thiên tai, tìm kiếm cứu nạn và phòng thủ dân sự " * 3
ROOT = Path(__file__).parents[3]
OVERHANG = 4  # mm; a box reaches over its column, for a seal
DIGEST = (
    "import hashlib; from tests.portal.papers import samples;"
    "print(hashlib.sha256(samples.demo().pdf).hexdigest())"
)


def ink_in(page: Any, box: Box) -> list[str]:
    """What is printed inside a box: letters and strokes."""
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    return [
        one.get("text", one["object_type"])
        for one in page.chars + page.lines + page.rects
        if one["x0"] < right and one["x1"] > left and one["top"] < bottom and one["bottom"] > top
    ]


def assert_boxes_are_free(rendered: Rendered) -> None:
    pages = measure.pages(rendered.pdf)
    for box in rendered.boxes:
        page = pages[box.page - 1]
        assert box.x >= (30 - OVERHANG) * measure.MM - 0.1
        assert box.x + box.width <= page.width - (20 - OVERHANG) * measure.MM + 0.1
        assert box.y + box.height <= rendered.page_heights[box.page - 1] - 20 * measure.MM + 0.1
        assert ink_in(page, box) == []
    for one, other in combinations(rendered.boxes, 2):
        apart = abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
        assert one.page != other.page or apart


def mains(count: int) -> Rendered:
    return small(parties=tuple(party(n, f"Cơ quan số {n}", "main") for n in range(1, count + 1)))


# The bytes.


def test_bytes_are_the_same_in_another_process_time_zone_and_language() -> None:
    surroundings = {
        **os.environ,
        "TZ": "Pacific/Auckland",
        "LANG": "C",
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }
    other = subprocess.run(
        [sys.executable, "-c", DIGEST], env=surroundings, cwd="/", capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(samples.demo().pdf).hexdigest()


def test_attachment_is_inside_byte_for_byte() -> None:
    document = pypdfium2.PdfDocument(samples.demo().pdf)
    attachment = document.get_attachment(0)
    assert document.count_attachments() == 1
    assert attachment.get_name() == "programme.json"
    assert bytes(attachment.get_data()) == samples.demo_attachment()


def test_catalogue_and_metadata_claim_the_standards() -> None:
    with pdfplumber.open(io.BytesIO(samples.demo().pdf)) as pdf:
        catalogue = pdf.doc.catalog
        assert "StructTreeRoot" in catalogue
        assert catalogue["Lang"] in (b"vi-VN", b"vi")
        (attached,) = catalogue["AF"]
        assert attached.resolve()["AFRelationship"].name == "Source"
        metadata = catalogue["Metadata"].resolve().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_creation_date_is_the_moment_of_freezing_in_utc() -> None:
    hanoi = dt.timezone(dt.timedelta(hours=7))
    pdf = small(frozen_at=dt.datetime(2023, 1, 12, 1, 30, tzinfo=hanoi)).pdf
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert document.metadata["CreationDate"] == "D:20230111183000Z"


# Signatures.


def test_every_party_of_the_demonstration_has_a_free_box() -> None:
    rendered = samples.demo()
    assert [box.field_id for box in rendered.boxes] == [f"{n:03}" for n in range(1, 47)]
    assert_boxes_are_free(rendered)


def test_box_reaches_over_its_column_and_is_at_least_47_mm_high() -> None:
    for box in samples.demo().boxes:
        assert 47 <= round(box.height / measure.MM, 1) < 63
        assert box.width == pytest.approx((76 + 2 * OVERHANG) * measure.MM, abs=0.1)


def test_box_lies_right_under_the_name_of_its_agency() -> None:
    rendered = samples.demo()
    pages = measure.pages(rendered.pdf)
    for box, signer in zip(rendered.boxes, samples.demo_paper().parties, strict=True):
        above = pages[box.page - 1].crop((box.x, box.y - 15, box.x + box.width, box.y)).extract_text()
        assert above.split()[-1] == signer.agency.upper().split()[-1]


def test_boxes_of_a_row_end_level_so_that_names_line_up() -> None:
    left, right = samples.demo().boxes[1::-1]
    assert left.height < right.height
    assert left.y + left.height == pytest.approx(right.y + right.height, abs=0.02)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 9, 13])
def test_main_parties_sign_in_protocol_order_on_the_main_pages(count: int) -> None:
    rendered = mains(count)
    assert_boxes_are_free(rendered)
    for first, second in zip(rendered.boxes[::2], rendered.boxes[1::2], strict=False):
        assert (first.page, first.y) == (second.page, second.y)
        assert first.x > second.x
    assert "ĐẠI DIỆN CÁC CƠ QUAN" not in " ".join(page_texts(rendered.pdf))


def test_third_main_party_stands_in_the_middle() -> None:
    box = mains(3).boxes[2]
    assert (box.x + box.width / 2) / measure.MM == pytest.approx(30 + 160 / 2, abs=0.1)


def test_recipients_of_a_single_signer_are_level_with_the_name() -> None:
    page = measure.pages(mains(1).pdf)[0]
    recipients, name = measure.line(page, "Nơi nhận:"), measure.line(page, "CƠ QUAN SỐ 1")
    assert recipients.top == pytest.approx(name.top, abs=1)
    assert recipients.right < name.left


def test_annex_points_to_the_page_where_a_main_party_signed() -> None:
    closing = " ".join(["Chương trình có hiệu lực kể từ ngày ký."] * 9)
    opening = ("Các cơ quan thống nhất nội dung phối hợp. " * 40,)
    texts = page_texts(small(opening=opening, closing=closing).pdf)
    assert texts[-1].count("(Ký tại trang 2)") == 2
    assert "SỞ TÀI CHÍNH" in texts[-1]


def test_paper_without_parties_has_no_box() -> None:
    assert small(parties=()).boxes == ()


@pytest.mark.parametrize("paragraphs", range(12, 34))
def test_signatures_never_stand_without_two_lines_of_text(paragraphs: int) -> None:
    body = tuple(f"{n}. Nội dung phối hợp." for n in range(paragraphs))
    rendered = small(sections=(Section("I. NỘI DUNG", (Item(None, body),)),), closing="Có hiệu lực ngay./.")
    box = rendered.boxes[0]
    above = page_texts(rendered.pdf)[box.page - 1].split("BỘ CHỈ HUY QUÂN SỰ TỈNH THANH HÓA")[-2]
    assert "Có hiệu lực ngay./." in above
    assert f"{paragraphs - 1}. Nội dung phối hợp." in above


def test_long_names_stay_in_their_columns() -> None:
    parties = (
        party(1, LONG_NAME, "main"),
        party(2, "A" * 40, "main"),
        party(3, LONG_NAME),
        party(4, "B" * 150),
    )
    rendered = small(parties=parties, issuers=(Issuer(LONG_NAME, LONG_NAME), Issuer(None, "C" * 80)))
    assert_boxes_are_free(rendered)
    for page in measure.pages(rendered.pdf):
        assert (
            max(char["x1"] for char in page.chars if char["text"].strip())
            <= page.width - 20 * measure.MM + 0.5
        )


@pytest.mark.parametrize(
    "words", ["Căn cứ Nghị định 168/2018/NĐ-CP về nhiệm vụ quân sự; ", "quân sự - quốc phòng "]
)
def test_symbols_stay_whole_and_no_line_begins_with_a_hyphen(words: str) -> None:
    prints = [one.text for one in measure.lines(measure.pages(small(opening=(words * 50,)).pdf)[0])]
    assert len(prints) > 20
    assert not [
        text for text in prints if text.endswith(("/", "NĐ-")) or text.startswith(("- q", "CP", "NĐ"))
    ]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "Bộ Chỉ huy Bộ đội Biên phòng tỉnh Thanh Hóa",
            ["BỘ CHỈ HUY", "BỘ ĐỘI BIÊN PHÒNG", "TỈNH THANH HÓA"],
        ),
        ("Kho bạc Nhà nước Thanh Hóa", ["KHO BẠC NHÀ NƯỚC", "THANH HÓA"]),
        (
            "Ngân hàng Nhà nước chi nhánh tỉnh Thanh Hóa",
            ["NGÂN HÀNG NHÀ NƯỚC", "CHI NHÁNH TỈNH THANH HÓA"],
        ),
        (
            "Ban Quản lý Khu kinh tế Nghi Sơn và các khu công nghiệp",
            ["BAN QUẢN LÝ", "KHU KINH TẾ NGHI SƠN", "VÀ CÁC KHU CÔNG NGHIỆP"],
        ),
    ],
)
def test_name_of_an_agency_is_not_broken_within_a_word(name: str, lines: list[str]) -> None:
    rendered = small(parties=(party(1, name, "main"), party(2, "Sở Y tế", "main")))
    page = measure.pages(rendered.pdf)[0]
    assert [
        one.text
        for one in measure.lines(page)
        if one.left > 110 and one.face == "Tinos-Bold" and one.size == 14
    ][-len(lines) :] == lines


def test_newline_in_an_agency_name_breaks_it() -> None:
    page = measure.pages(small(parties=(party(1, "Ban\nQuản lý", "main"),)).pdf)[0]
    assert measure.line(page, "BAN").text == "BAN"
    assert measure.line(page, "QUẢN LÝ").text == "QUẢN LÝ"


# Content.


def test_date_is_left_to_the_records_office() -> None:
    assert "Thanh Hóa, ngày tháng năm 2023" in page_texts(small().pdf)[0]


def test_given_date_is_printed_with_leading_zeros() -> None:
    text = page_texts(small(dated_on=dt.date(2024, 2, 5)).pdf)[0]
    assert "Thanh Hóa, ngày 05 tháng 02 năm 2024" in text


def test_group_without_rows_says_so() -> None:
    groups = (AssignmentGroup("1. Trống", ()), AssignmentGroup("2. Có", (row("2.01"),)))
    text = page_texts(small(groups=groups).pdf)[1]
    assert "1. Trống Không có nội dung phân công. 2. Có 2.01" in text


def test_paper_without_groups_has_one_annex_without_a_number() -> None:
    texts = page_texts(small(groups=()).pdf)
    assert len(texts) == 2
    assert texts[1].startswith("Phụ lục ĐẠI DIỆN CÁC CƠ QUAN, ĐƠN VỊ KÝ KẾT")


def test_mark_of_the_demonstration_is_only_on_its_papers() -> None:
    assert not any("TRÌNH DIỄN" in text for text in page_texts(small().pdf))
    assert all("TRÌNH DIỄN" in text for text in page_texts(small(demo=True).pdf))


def test_hostile_text_is_printed_as_it_is() -> None:
    rendered = small(
        **dict.fromkeys(("kind", "title", "symbol", "place", "closing", "annex_note"), HOSTILE),
        **dict.fromkeys(("authors", "keywords", "bases", "opening", "recipients"), (HOSTILE,)),
        issuers=(Issuer(HOSTILE, HOSTILE),),
        parties=(party(1, HOSTILE, "main"), party(2, HOSTILE)),
        sections=(Section(HOSTILE, (Item(HOSTILE, (HOSTILE,)),)),),
        groups=(AssignmentGroup(HOSTILE, (row(title=HOSTILE, lead=HOSTILE, due=HOSTILE, target=HOSTILE),)),),
    )
    assert missing_texts(rendered.pdf, [HOSTILE, HOSTILE.upper()]) == ()
    assert sum(text.count("#panic()") for text in page_texts(rendered.pdf)) >= 14


def test_decomposed_letters_are_composed() -> None:
    assert "Ủy ban" in page_texts(small(closing="Ủy ban").pdf)[0]


# Refusals.


@pytest.mark.parametrize(
    "changes",
    [
        {"closing": "Có hiệu lực 😀"},
        {"authors": ("Sở 😀",)},
        {"issuers": (Issuer(None, "Sở 😀"),)},
        {"parties": (party(1, "Sở 😀", "main"),)},
        {"sections": (Section("I", (Item("1 😀", ()),)),)},
        {"groups": (AssignmentGroup("1", (row(target="😀"),)),)},
    ],
)
def test_letter_that_the_font_lacks_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(PaperError, match=r"😀.*U\+1F600"):
        small(**changes)


def test_row_longer_than_a_page_is_refused_by_number() -> None:
    with pytest.raises(PaperError, match=r": Dòng 1\.07 .* dài hơn một trang"):
        small(groups=(AssignmentGroup("1. Dài", (row("1.07", title="việc " * 900),)),))


def test_warning_of_the_typesetter_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import typst

    from portal.papers import typesetting

    bare = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(tmp_path)])
    monkeypatch.setattr(typesetting, "_fonts", lambda: bare)
    with pytest.raises(PaperError, match="unknown font family"):
        small(symbol="never compiled before")


@pytest.mark.parametrize(
    "changes",
    [
        {"profile": "iso"},
        {"frozen_at": dt.datetime(2023, 1, 1)},
        {"parties": (party(1, "A", "main"), party(1, "B"))},
        {"parties": (party(1, "A", "main"), party(1000, "B"))},
    ],
)
def test_shape_that_no_caller_should_send_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"profile|time zone|field ids"):
        small(**changes)


def test_attachment_that_is_not_text_is_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        render_coordination(small_paper(), b"\xff")
