"""What the paper of a programme says besides its rows: what a records office looks for first."""

import pytest

from agreements import documents
from agreements.paper import programme_paper
from portal.papers.reading import page_texts
from tasks.content import content
from tests.factories import NOW
from tests.portal.papers import measure


def printed(programme) -> list[str]:
    return page_texts(documents.draw(programme_paper(content(programme), at=NOW), b"{}", at=NOW).pdf)


def test_annex_names_the_paper_it_belongs_to_and_leaves_number_and_day_open(settled):
    note = (
        f"(Kèm theo Chương trình số …/{settled.symbol} ngày … tháng … năm {settled.year} "
        f"của {settled.host.name_vi} và {settled.co_host.name_vi})"
    )
    pages = printed(settled)
    assert [note in page for page in pages[-3:]] == [False, True, True]


def test_text_points_to_its_annexes_where_no_clause_does(settled):
    settled.clauses.update(text="Thực hiện tốt.")
    first = printed(settled)[0]
    assert "đơn vị tại Phụ lục I; đại diện các cơ quan, đơn vị ký kết tại Phụ lục II kèm theo." in first


def test_text_that_points_to_its_annexes_is_left_as_it_is(settled):
    assert "đại diện các cơ quan, đơn vị ký kết tại" not in printed(settled)[0]


def test_single_annex_has_no_number(settled):
    settled.clauses.update(text="Thực hiện tốt.")
    settled.signatories.update(place="main")
    assert "Nhiệm vụ phân công cho từng cơ quan, đơn vị tại Phụ lục kèm theo." in printed(settled)[0]


@pytest.mark.parametrize(("profile", "face"), [("nd30", "Italic"), ("bqp", "Tinos")])
def test_profile_is_the_programmes_choice(settled, profile, face):
    settled.page_profile = profile
    settled.save(update_fields=["page_profile"])
    snapshot = content(settled)
    snapshot["legal_bases"] = ["Căn cứ Luật Quốc phòng ngày 08 tháng 6 năm 2018"]
    pdf = documents.draw(programme_paper(snapshot, at=NOW), b"{}", at=NOW).pdf
    assert measure.line(measure.pages(pdf)[0], "Căn cứ").face.endswith(face)
