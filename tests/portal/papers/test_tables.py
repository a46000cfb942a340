"""Tables as files: what stands in a cell is text, whatever someone wrote into it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.papers import tables

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "\n-2"]


def from_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(rows):
    return load_workbook(io.BytesIO(tables.to_xlsx("Nhật ký", ["Đầu"], rows, widths=[10]))).active


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_runs_no_formula(text):
    (_head, (cell,)) = from_csv(b"".join(tables.to_csv(["Đầu"], [[text]])))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", DANGEROUS)
def test_workbook_runs_no_formula(text):
    cell = sheet_of([[text]]).cell(2, 1)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value.strip() == text.strip()


def test_numbers_stay_numbers():
    assert sheet_of([[3505]]).cell(2, 1).value == 3505
    assert b"".join(tables.to_csv(["n"], [[-3]])).endswith(b"\r\n-3\r\n")


@given(st.text(max_size=50))
def test_any_text_can_be_written(text):
    sheet_of([[text]])
    assert len(from_csv(b"".join(tables.to_csv(["Đầu"], [[text.encode("utf-8", "replace").decode()]])))) >= 2


def test_csv_opens_as_vietnamese():
    content = b"".join(tables.to_csv(["Người"], [["Lò Văn Pín"]]))
    assert content == "\ufeffNgười\r\nLò Văn Pín\r\n".encode()


def test_head_stays_in_sight():
    sheet = sheet_of([["a"]])
    assert (sheet.freeze_panes, sheet.cell(1, 1).font.bold) == ("A2", True)
