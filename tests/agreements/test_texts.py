"""What the signing room shows of the frozen file, and that it comes from the file."""

import pytest

from agreements import texts
from agreements.models import SignatureField
from portal.files import store
from portal.lib.errors import RuleError
from tasks.models import Assignment


@pytest.fixture
def of_department(document) -> SignatureField:
    return document.fields.select_related("agency").get(agency__code="SXD")


def test_what_the_agency_leads_comes_first(document, of_department):
    text = texts.frozen_text(document, of_department)
    assert [(line.row.code, line.part) for line in text.mine] == [("1.01", "lead"), ("1.02", "coordinating")]
    assert {line.page for line in text.mine} == {2}


def test_every_row_is_in_the_text(document, of_department):
    groups = texts.frozen_text(document, of_department).groups
    assert [[line.row.code for line in lines] for _title, lines in groups] == [["1.01", "1.02"], ["2.01"]]


def test_marks_lie_on_their_pages(document, of_department):
    sheets = texts.frozen_text(document, of_department).sheets
    assert [[mark.css for mark in sheet.marks] for sheet in sheets] == [
        [],
        ["mark-lead", "mark-coordinating"],
        ["mark-place"],
    ]
    for sheet in sheets:
        for mark in sheet.marks:
            assert 0 < float(mark.x) < float(mark.x) + float(mark.width) < float(sheet.width)
            assert 0 < float(mark.y) < float(mark.y) + float(mark.height) < float(sheet.height)


def test_rows_deleted_later_stay_in_the_text(document):
    Assignment.objects.all().delete()
    host = document.fields.select_related("agency").get(agency__code="BCHQS")
    text = texts.frozen_text(document, host)
    assert [line.row.code for line in text.mine] == ["2.01"]


def test_block_shows_the_signature_below_the_name(document, of_department):
    x, y, width, height = map(float, texts.block_view(of_department).split())
    assert x < of_department.x
    assert y < of_department.y
    assert x + width > of_department.x + of_department.width
    assert y + height > of_department.y + of_department.height


def test_file_that_cannot_be_read_is_told(document, of_department):
    store.path_of(document.frozen_id).unlink()
    texts._read.cache_clear()
    with pytest.raises(RuleError):
        texts.frozen_text(document, of_department)
