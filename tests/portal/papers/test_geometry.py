"""The demonstration's paper under a ruler. Source: Decree 30/2020/NĐ-CP, Appendix I; millimetres."""

from functools import cache
from typing import Any

import pytest

from portal.papers.typesetting import PROFILES
from tests.portal.papers import measure, samples

LINE = 1.149  # em; Word's "single" for Times metrics
MAIN, ANNEX_1, ANNEX_2 = range(3), range(3, 12), range(12, 18)  # physical pages, 0-based


@cache
def _measured(profile: str) -> list[Any]:
    return measure.pages(samples.demo(profile).pdf)


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pages(profile: str) -> list[Any]:
    return _measured(profile)


def body(page: Any) -> list[measure.Line]:
    return [one for one in measure.lines(page) if one.top > 19]


def number(page: Any) -> measure.Line | None:
    """The page number: the only digits in the top margin."""
    top = 29 if page.width > page.height else 19
    return next((one for one in measure.lines(page) if one.top < top and one.text.isdigit()), None)


def test_pages_are_a4_and_annex_1_lies_on_its_side(pages: list[Any]) -> None:
    sizes = [(round(page.width / measure.MM), round(page.height / measure.MM)) for page in pages]
    assert sizes == [(210, 297)] * 3 + [(297, 210)] * 9 + [(210, 297)] * 6


@pytest.mark.parametrize("place", [*MAIN, *ANNEX_2])
def test_text_keeps_the_margins(pages: list[Any], place: int) -> None:
    ink = body(pages[place])
    assert min(one.left for one in ink) >= 29.5
    assert 210 - max(one.right for one in ink) >= 19.5
    assert 297 - max(one.base for one in ink) >= 19.5


@pytest.mark.parametrize("place", ANNEX_1)
def test_table_keeps_the_margins_of_the_turned_page(pages: list[Any], place: int) -> None:
    page = pages[place]
    edges = [(one["x0"], one["x1"], one["bottom"]) for one in page.lines + page.rects]
    assert min(one[0] for one in edges) / measure.MM >= 19.5
    assert max(one[1] for one in edges) / measure.MM <= 297 - 19.5
    assert max(one[2] for one in edges) / measure.MM <= 210 - 19.5


@pytest.mark.parametrize(
    ("start", "size", "face"),
    [
        ("QUÂN KHU 4", 12, "Tinos"),
        ("BỘ CHỈ HUY", 12, "Tinos-Bold"),
        ("ỦY BAN MẶT TRẬN", 12, "Tinos-Bold"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "Tinos-Bold"),
        ("Độc lập - Tự do - Hạnh phúc", 13, "Tinos-Bold"),
        ("Số:", 13, "Tinos"),
        ("Thanh Hóa, ngày", 13, "Tinos-Italic"),
        ("CHƯƠNG TRÌNH", 14, "Tinos-Bold"),
        ("Phối hợp thực hiện", 14, "Tinos-Bold"),
        ("I. MỤC ĐÍCH", 14, "Tinos-Bold"),
        ("Tăng cường sự", 14, "Tinos"),
    ],
)
def test_part_of_the_first_page_has_its_type(pages: list[Any], start: str, size: int, face: str) -> None:
    found = measure.line(pages[0], start)
    assert (found.size, found.face) == (size, face)


def test_legal_bases_are_italic_by_the_decree_and_upright_in_the_army(pages: list[Any], profile: str) -> None:
    found = measure.line(pages[0], "Căn cứ Luật Quốc phòng")
    assert (found.size, found.face) == (14, {"nd30": "Tinos-Italic", "bqp": "Tinos"}[profile])


def test_motto_stands_under_the_nation_with_a_rule_of_its_width(pages: list[Any]) -> None:
    nation, motto = measure.line(pages[0], "CỘNG HÒA"), measure.line(pages[0], "Độc lập")
    left, right, _ = min(measure.rules(pages[0]), key=lambda one: abs(one[0] - motto.left))
    assert motto.middle == pytest.approx(nation.middle, abs=0.5)
    assert right - left == pytest.approx(motto.right - motto.left, abs=0.7)


def test_issuers_have_a_rule_of_a_third_to_a_half_of_their_longest_line(pages: list[Any]) -> None:
    left, right, at = min(measure.rules(pages[0]), key=lambda one: one[0])
    above = [one for one in body(pages[0]) if one.right < 105 and one.top < at and "Bold" in one.face]
    longest = max(above, key=lambda one: one.right - one.left)
    assert len(above) == 5
    assert 1 / 3 <= (right - left) / (longest.right - longest.left) <= 1 / 2
    assert (left + right) / 2 == pytest.approx(longest.middle, abs=0.5)


def test_number_and_place_share_a_line_and_the_place_stands_under_the_nation(pages: list[Any]) -> None:
    page = pages[0]
    place = measure.line(page, "Thanh Hóa, ngày")
    assert measure.line(page, "Số:").base == pytest.approx(place.base, abs=0.6)
    # Blanks for day and month part the line.
    parts = [one for one in body(page) if one.left >= place.left and abs(one.base - place.base) < 0.1]
    assert parts[-1].text.endswith("năm 2023")
    middle = (parts[0].left + parts[-1].right) / 2
    assert middle == pytest.approx(measure.line(page, "CỘNG HÒA").middle, abs=0.5)


def test_subject_has_a_rule_of_a_third_to_a_half(pages: list[Any]) -> None:
    subject = measure.line(pages[0], "Phối hợp thực hiện")
    left, right, _ = measure.rules(pages[0])[-1]
    assert 1 / 3 <= (right - left) / (subject.right - subject.left) <= 1 / 2
    assert (left + right) / 2 == pytest.approx(subject.middle, abs=0.5)


def test_long_subject_is_set_evenly_and_its_rule_follows_its_lines(profile: str) -> None:
    title = "Phối hợp thực hiện nhiệm vụ quân sự, quốc phòng địa phương trên địa bàn tỉnh Thanh Hóa năm 2023"
    page = measure.pages(samples.small(title=title, profile=profile).pdf)[0]
    first = measure.line(page, "Phối hợp thực hiện")
    last = next(one for one in measure.lines(page) if one.text.endswith("năm 2023") and "Bold" in one.face)
    left, right, _ = measure.rules(page)[-1]
    assert last.right - last.left > 0.7 * (first.right - first.left)
    for line in (first, last):
        assert 1 / 3 - 0.01 <= (right - left) / (line.right - line.left) <= 1 / 2 + 0.01


@pytest.mark.parametrize("start", ["I. MỤC ĐÍCH", "1. Mục đích", "II. NỘI DUNG", "1. Phối hợp tham mưu"])
def test_headings_are_indented_as_paragraphs_are(pages: list[Any], start: str) -> None:
    assert measure.line(pages[0], start).left == pytest.approx(30 + 12.7, abs=0.6)


def test_paragraphs_are_indented_and_spaced(pages: list[Any]) -> None:
    page = pages[0]
    assert measure.line(page, "Căn cứ").left == pytest.approx(30 + 12.7, abs=0.6)
    first = measure.line(page, "Bộ Chỉ huy Quân sự tỉnh Thanh Hóa, Ủy")
    second = measure.line(page, "tỉnh Thanh Hóa và các ban")
    spacing = (second.base - first.base) * measure.MM / 14 / LINE
    assert 1 <= spacing <= 1.5


@pytest.mark.parametrize("part", [MAIN, ANNEX_1, ANNEX_2])
def test_pages_are_numbered_from_the_second_of_each_part(pages: list[Any], part: range) -> None:
    numbers = [number(pages[place]) for place in part]
    assert numbers[0] is None
    assert [one.text for one in numbers[1:] if one] == [str(n) for n in range(2, len(part) + 1)]


@pytest.mark.parametrize("place", [*MAIN[1:], *ANNEX_1[1:], *ANNEX_2[1:]])
def test_page_number_stands_in_the_middle_of_the_top_margin(pages: list[Any], place: int) -> None:
    page, found = pages[place], number(pages[place])
    assert found
    landscape = page.width > page.height
    assert found.size == 14
    assert found.face == "Tinos"
    assert found.middle == pytest.approx(148.5 if landscape else 30 + 160 / 2, abs=0.6)


def test_every_page_of_annex_1_has_the_head_of_the_table(pages: list[Any]) -> None:
    assert all("Cơ quan chủ trì" in pages[place].extract_text() for place in ANNEX_1)


def test_group_title_never_ends_a_page(pages: list[Any]) -> None:
    for place in ANNEX_1:
        last = max(body(pages[place]), key=lambda one: one.base)
        assert last.face != "Tinos-Bold"


def test_recipients_are_small_under_a_bold_italic_head(pages: list[Any]) -> None:
    head = measure.line(pages[2], "Nơi nhận:")
    items = [one for one in body(pages[2]) if one.text.startswith("- ")]
    assert (head.size, head.face) == (12, "Tinos-BoldItalic")
    assert len(items) == 4
    assert {(one.size, one.face) for one in items} == {(11, "Tinos")}


def test_page_of_the_signatures_carries_two_lines_of_text(pages: list[Any]) -> None:
    name = measure.line(pages[2], "BỘ CHỈ HUY QUÂN SỰ")
    assert len([one for one in body(pages[2]) if one.top < name.top - 5]) >= 2


def test_lead_agency_signs_at_the_right_of_the_first_row(pages: list[Any]) -> None:
    lead, front = measure.line(pages[2], "BỘ CHỈ HUY QUÂN SỰ"), measure.line(pages[2], "ỦY BAN MẶT TRẬN")
    assert lead.left > front.right
    assert lead.top == pytest.approx(front.top, abs=0.1)


def test_agency_names_are_bold_capitals_of_14_wherever_they_sign(pages: list[Any]) -> None:
    for found in (measure.line(pages[2], "ỦY BAN"), measure.line(pages[ANNEX_2[1]], "HỘI NÔNG DÂN")):
        assert (found.size, found.face) == (14, "Tinos-Bold")


@pytest.mark.parametrize("place", [ANNEX_1[0], ANNEX_2[0]])
def test_annex_is_headed_as_the_form_asks(pages: list[Any], place: int) -> None:
    name, note = measure.line(pages[place], "Phụ lục"), measure.line(pages[place], "(Kèm theo")
    assert (name.size, name.face) == (14, "Tinos-Bold")
    assert (note.size, note.face) == (14, "Tinos-Italic")
    assert note.middle == pytest.approx(name.middle, abs=0.5)


def test_only_tinos_is_used(pages: list[Any]) -> None:
    faces = {char["fontname"].split("+")[-1] for page in pages for char in page.chars}
    assert faces <= {"Tinos", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"}


def test_every_page_carries_the_mark_of_the_demonstration_apart_from_its_number(pages: list[Any]) -> None:
    for page in pages:
        mark = measure.line(page, "TRÌNH DIỄN")
        found = number(page)
        assert mark.top < (29 if page.width > page.height else 19)
        assert found is None or mark.left - found.right > 20
