"""Cells of a workbook, read in the sandbox as a person reads them."""

import datetime as dt
import io
import tempfile

import pytest
from openpyxl import Workbook
from openpyxl.styles import numbers

from portal.files import sandbox, tables
from portal.files.refusals import FileRefused
from portal.files.worker import tables as worker
from portal.files.worker.findings import TABLE_ROWS
from portal.lib.errors import RuleError
from tests.portal.files import samples

pytestmark = pytest.mark.usefixtures("places")


@pytest.fixture
def places(settings, tmp_path):
    settings.INCOMING_DIR = tmp_path / "incoming"


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes) -> tables.Rows:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return tables.read(file)


def cells(*values, number_format: str = "") -> list[str]:
    """Return what the worker reads in the cells of one row."""
    book = Workbook()
    for place, value in enumerate(values, 1):
        cell = book.active.cell(1, place, value)
        if number_format:
            cell.number_format = number_format
    ((_number, found),) = worker.read(saved(book))
    return found


def test_texts_numbers_and_days_come_as_they_are_read():
    moment = dt.datetime(2026, 3, 1, 7, 30)
    said = cells("Thanh Hóa", 3505, 12.1, dt.date(2026, 3, 1), moment, True, " a \n b ")
    assert said == ["Thanh Hóa", "3505", "12.1", "2026-03-01", "2026-03-01", "1", "a \n b"]


def test_a_number_with_fixed_decimals_keeps_them():
    assert cells(1.1, number_format="0.00") == ["1.10"]
    assert cells(1.1) == ["1.1"]


@pytest.mark.parametrize(
    "shown", ["dd/mm/yyyy", "[$-42A]d mmmm yyyy", 'yyyy"năm"', numbers.FORMAT_DATE_XLSX14]
)
def test_days_are_known_by_their_format(shown):
    assert cells(46082, number_format=shown) == ["2026-03-01"]


@pytest.mark.parametrize("shown", ['0" đồng md"', "#,##0", "General", "[Red]0"])
def test_other_numbers_are_no_days(shown):
    assert cells(46082, number_format=shown) == ["46082"]


def test_empty_rows_are_left_out_and_numbers_stay():
    book = Workbook()
    book.active["B3"], book.active["A7"] = "x", "y"
    assert read(saved(book)) == [(3, ["", "x"]), (7, ["y"])]


def test_a_cell_merged_down_a_column_counts_for_each_row():
    book = Workbook()
    sheet = book.active
    for line in (["Nhiệm vụ 1", "a"], [None, "b"], [None, None], [None, "c"]):
        sheet.append(line)
    sheet.merge_cells("A1:A4")
    assert read(saved(book)) == [(1, ["Nhiệm vụ 1", "a"]), (2, ["Nhiệm vụ 1", "b"]), (4, ["Nhiệm vụ 1", "c"])]


def test_the_first_sheet_that_is_shown_is_read():
    book = Workbook()
    book.active.title = "Ẩn"
    book.active["A1"] = "không đọc"
    book.active.sheet_state = "hidden"
    book.create_sheet("Nhiệm vụ")["A1"] = "đọc"
    book.active = 1
    assert read(saved(book)) == [(1, ["đọc"])]


def test_an_empty_sheet_and_one_that_is_too_long_say_so():
    with pytest.raises(RuleError, match="không có gì"):
        read(saved(Workbook()))
    book = Workbook()
    for n in range(TABLE_ROWS + 1):
        book.active.append([n])
    with pytest.raises(RuleError, match=r"2\.000"):
        read(saved(book))


@pytest.mark.parametrize("name", sorted(samples.GOOD))
def test_what_is_no_workbook_is_refused_by_this_child_too(name):
    if name == "xlsx":
        return
    with pytest.raises(FileRefused):
        read(samples.GOOD[name][1])


@pytest.mark.parametrize(
    "answer",
    [b"", b"x", b"[]", b'{"rows": 1}', b'{"rows": [[1]]}', b'{"refused": "nonsense"}', b'{"rows": [[1, 2]]}'],
)
def test_nothing_of_an_answer_is_believed_but_its_shape(monkeypatch, answer):
    monkeypatch.setattr(sandbox, "ask", lambda *_args, **_more: answer)
    with pytest.raises(FileRefused):
        read(b"x")
