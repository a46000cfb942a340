"""What the portal reads back from its own papers."""

import io
from itertools import pairwise

import pytest
from PIL import Image

from portal.papers.coordination import Item, Section
from portal.papers.reading import missing_texts, page_heights, page_image, page_sizes, page_texts, spots
from tests.portal.papers import samples
from tests.portal.papers.samples import row

A4_HEIGHT = 841.89  # points


def cells(one) -> tuple[str, ...]:
    return (one.code, one.title, one.lead, one.coordinating, one.due, one.target)


def test_every_cell_of_the_demonstration_is_found_whole() -> None:
    rows = [one for group in samples.demo_paper().groups for one in group.rows]
    assert len(rows) == 60
    assert missing_texts(samples.demo().pdf, [cell for one in rows for cell in cells(one)]) == ()


def test_every_row_of_the_demonstration_is_found_whole() -> None:
    rows = [" ".join(cells(one)) for group in samples.demo_paper().groups for one in group.rows]
    assert missing_texts(samples.demo().pdf, rows) == ()


def test_changed_cell_is_reported() -> None:
    assert missing_texts(samples.demo().pdf, ["1.01 Tham mưu", "1.01 Tham mưa"]) == ("1.01 Tham mưa",)


def test_row_with_the_cell_of_another_row_is_reported() -> None:
    code, title, lead, *others = cells(samples.demo_paper().groups[0].rows[0])
    assert lead != "Sở Y tế"
    mixed = " ".join((code, title, "Sở Y tế", *others))
    assert missing_texts(samples.demo().pdf, ["Sở Y tế", mixed]) == (mixed,)


def test_prose_of_the_demonstration_is_found_whole() -> None:
    paper = samples.demo_paper()
    prose = [text for section in paper.sections for item in section.items for text in item.text]
    prose += [*paper.bases, *paper.opening, paper.closing, *paper.recipients]
    assert missing_texts(samples.demo().pdf, prose) == ()


def test_paragraph_over_a_page_end_is_found() -> None:
    long = " ".join(f"Câu số {number} của đoạn dài." for number in range(400))
    pdf = samples.small(sections=(Section("I. DÀI", (Item(None, (long,)),)),), demo=True).pdf
    assert not any(long in text for text in page_texts(pdf))
    assert missing_texts(pdf, [long]) == ()


@pytest.mark.parametrize(
    "title",
    [
        "Thu gom quân sự - quốc phòng - an ninh " * 4,
        "Kiểm tra-giám sát-đôn đốc-nhắc nhở-theo dõi-tổng hợp-báo cáo-rút kinh nghiệm",
        "Nghị định số 168/2018/NĐ-CP, 21/2019/NĐ-CP, 03/2019/NĐ-CP, 09/2019/NĐ-CP, 30/2020/NĐ-CP",
        "https://example.org/" + "dai" * 40,
    ],
)
def test_hyphens_slashes_and_long_words_survive_line_breaks(title: str) -> None:
    pdf = samples.small(groups=(samples.AssignmentGroup("1. Nhóm", (row(title=title),)),)).pdf
    assert missing_texts(pdf, [title]) == ()


def test_texts_are_composed_and_single_spaced() -> None:
    for text in page_texts(samples.demo().pdf):
        assert "  " not in text
        assert "\n" not in text
        assert text.isprintable()


def test_page_heights_follow_the_orientation() -> None:
    heights = page_heights(samples.small().pdf)
    assert heights == pytest.approx((A4_HEIGHT, 595.28, A4_HEIGHT), abs=0.1)


def test_page_image_has_the_asked_width_and_shows_ink() -> None:
    picture = Image.open(io.BytesIO(page_image(samples.small().pdf, 1, width=900)))
    assert picture.format == "WEBP"
    assert picture.width == 900
    assert picture.getextrema() == ((0, 255),) * 3


def test_spot_of_a_row_holds_its_words_and_no_neighbour() -> None:
    rendered = samples.small()
    page, (left, top) = 2, (60.0, 100.0)
    rows = [" ".join(cells(one)) for group in samples.small_paper().groups for one in group.rows]
    found = spots(rendered.pdf, [*rows, "nowhere to be read"])
    assert set(found) == set(rows)
    boxes = sorted(found.values(), key=lambda spot: spot.y)
    for spot in boxes:
        width, height = page_sizes(rendered.pdf)[spot.page - 1]
        assert spot.page == page
        assert left < spot.x < spot.x + spot.width < width
        assert top < spot.y < spot.y + spot.height < height
    assert all(above.y + above.height < below.y for above, below in pairwise(boxes))


@pytest.mark.parametrize("page", [0, 4])
def test_page_image_refuses_a_page_that_is_not_there(page: int) -> None:
    with pytest.raises(IndexError):
        page_image(samples.small().pdf, page, width=100)
