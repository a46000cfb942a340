"""A sheet of assignments: every error named with row and column, nothing half added, then added whole."""

import datetime as dt
import json
import time

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.files.refusals import FileRefused
from portal.files.worker import tables
from portal.lib.errors import RuleError
from tasks import assignment_imports, draft_access, import_checks
from tasks.models import Assignment, AssignmentImport, Coordination, Programme, SourceDocument
from tests import factories
from tests.factories import NOW, TODAY
from tests.portal.files import samples
from tests.tasks.drafting import DUE_ON, HEADINGS, row, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"


def sent(content: bytes, name: str = "Nhiệm vụ năm 2026.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def checked(programme: Programme, *rows, **given) -> import_checks.Checked:
    return import_checks.check(tables.read(workbook(rows, **given)), programme, today=TODAY)


def told(programme: Programme, *rows, **given) -> list[str]:
    return [str(problem) for problem in checked(programme, *rows, **given).problems]


@pytest.fixture
def put(draft_programme, officer):
    """Return put(*rows, by=officer): a sheet that waits, as the sandbox reads it."""

    def put(*rows, by=officer) -> AssignmentImport:
        table = tables.read(workbook(rows))
        return assignment_imports.put(
            draft_programme, by=by, at=NOW, table=table, file_name="Bảng.xlsx", file_sha256="0" * 64
        )

    return put


# --- The whole way, with the real sandbox -----------------------------------------------------------------
PLANTED = (
    ("Mã", {"code": "1.12345678901"}, "không phải mã"),
    ("Mã", {"code": "2.999"}, "không phải mã thuộc nhiệm vụ trọng tâm 1"),
    ("Mã", {"code": "1.01"}, "đã có nhiệm vụ 1.01"),
    ("Nhiệm vụ trọng tâm", {"task": 9}, "không có nhiệm vụ trọng tâm “9”"),
    ("Nhiệm vụ trọng tâm", {"task": "Xây dựng"}, "không có nhiệm vụ trọng tâm “Xây dựng”"),
    ("Giải pháp", {"solutions": "1; 77"}, "không có giải pháp “77”"),
    ("Nội dung nhiệm vụ", {"title": None}, "ô để trống"),
    ("Nội dung nhiệm vụ", {"title": "x" * 501}, "dài hơn 500 ký tự"),
    ("Cơ quan chủ trì", {"lead": None}, "ô để trống"),
    ("Cơ quan chủ trì", {"lead": "Sở Xây Dựg"}, "không có cơ quan “Sở Xây Dựg”"),
    ("Cơ quan chủ trì", {"lead": "Cục Thống kê"}, "không phải bên ký kết"),
    ("Cơ quan phối hợp", {"coordinating": "UBMTTQ; Sở Lạ"}, "không có cơ quan “Sở Lạ”"),
    ("Cơ quan phối hợp", {"coordinating": "SXD"}, "chủ trì"),
    ("Chu kỳ", {"cycle": "đôi khi"}, "không phải chu kỳ"),
    ("Từ ngày", {"start_on": dt.date(2026, 12, 1)}, "kết thúc trước ngày bắt đầu"),
    ("Hạn", {"deadline_on": "31/02/2026"}, "không phải ngày"),
    ("Hạn", {"deadline_on": None}, "ô để trống"),
    ("Chỉ tiêu", {"indicator": None}, "ô để trống"),
    ("Đơn vị tính", {"unit": None}, "ô để trống"),
    ("Số giao", {"target": "nhiều"}, "không phải số"),
)
ROWS = 500


def test_all_twenty_errors_of_five_hundred_rows_are_named_and_nothing_is_added(
    draft_programme, officer, outside
):
    assert len(PLANTED) == 20
    places = [7 + 23 * n for n in range(20)]
    rows = [row(n) for n in range(ROWS)]
    for place, (_column, changes, _reason) in zip(places, PLANTED, strict=True):
        rows[place] = row(place, **changes)
    sheet = assignment_imports.upload(draft_programme, by=officer, at=NOW, sent=sent(workbook(rows, above=3)))
    problems = import_checks.check(sheet.table, draft_programme, today=TODAY).problems
    assert [(problem.row, problem.column) for problem in problems] == [
        (place + 5, column) for place, (column, _changes, _reason) in zip(places, PLANTED, strict=True)
    ]
    for problem, (column, _changes, reason) in zip(problems, PLANTED, strict=True):
        assert reason in problem.reason, problem
        assert str(problem).startswith(f"Dòng {problem.row}, cột {column}: ")
    with pytest.raises(RuleError, match="20 lỗi"):
        assignment_imports.load(sheet, by=officer, at=NOW)
    assert Assignment.objects.count() == 3
    sheet.refresh_from_db()
    assert sheet.state == "waiting"


def test_the_mended_file_is_added_whole(draft_programme, officer, front, department):
    rows = [row(n) for n in range(ROWS)]
    sheet = assignment_imports.upload(draft_programme, by=officer, at=NOW, sent=sent(workbook(rows)))
    assert assignment_imports.load(sheet, by=officer, at=NOW) == ROWS
    new = Assignment.objects.exclude(code__in=["1.01", "1.02", "2.01"])
    assert new.count() == ROWS == Event.objects.filter(verb="assignment.drafted").count()
    first = new.get(code="1.100")
    assert (first.lead, first.deadline_on, first.due_on, first.target) == (department, DUE_ON, DUE_ON, 3505)
    assert [solution.number for solution in first.solutions.all()] == [1, 2]
    assert Coordination.objects.filter(assignment__in=new, agency=front).count() == ROWS
    assert (sheet.state, sheet.loaded_count, sheet.decided_by) == ("loaded", ROWS, officer)
    event = json.loads(Event.objects.get(verb="assignments.sheet_loaded").payload)
    assert (event["assignments"], event["sha256"]) == (ROWS, sheet.file_sha256)


def test_what_is_no_workbook_is_refused(draft_programme, officer):
    for name, content in (
        ("Danh sách.csv", "Mã;Hạn".encode()),
        ("Bảng.xlsx", b"PK not really"),
        ("Báo cáo.docx", samples.GOOD["docx"][1]),
        ("Báo cáo.xlsx", samples.GOOD["docx"][1]),
    ):
        with pytest.raises(FileRefused):
            assignment_imports.upload(draft_programme, by=officer, at=NOW, sent=sent(content, name))
    assert not AssignmentImport.objects.exists()


# --- What a sheet may look like ----------------------------------------------------------------------------
def test_columns_are_found_by_their_words_in_any_order(draft_programme):
    """As an agency writes them: other names, without diacritics, with remarks in brackets, one unknown."""
    heads = ["TT", "NOI DUNG CONG VIEC", "Don vi chu tri", "Phối hợp", "Thời hạn hoàn thành (ngày)"]
    heads += ["Mã số", "Sản phẩm", "ĐVT", "Kế hoạch"]
    heads[1] = "Nội  dung"
    said = ["1", "Quy hoạch", "sở xây dựng", "Ubmttq", "30.9.2026", "1.55", "Đề án", "đề án", "1"]
    found = checked(draft_programme, said, headings=heads)
    assert (found.problems, found.left_out) == ([], ["TT"])
    (one,) = found.duties
    assert (one.task_number, one.code, one.deadline_on, one.lead.code) == (1, "1.55", DUE_ON, "SXD")


def test_missing_columns_are_named_at_once(draft_programme):
    (problem,) = told(draft_programme, ["a", "SXD", "x"], headings=["Nội dung", "Chủ trì", "Giải pháp"])
    assert problem.startswith("Thiếu các cột: Nhiệm vụ trọng tâm, Hạn, Chỉ tiêu")


@pytest.mark.parametrize("heads", [["a", "b", "c"], ["Hạn"], []])
def test_a_sheet_without_headings_is_refused(draft_programme, heads):
    (problem,) = told(draft_programme, row(), headings=heads)
    assert "dòng tiêu đề" in problem


def test_a_sheet_with_headings_alone_is_refused(draft_programme):
    assert told(draft_programme) == ["Dưới dòng tiêu đề không có dòng nào."]


def test_rows_that_say_nothing_are_passed_over(draft_programme):
    group = [None, "I. Nhóm nhiệm vụ"] + [None] * (len(HEADINGS) - 2)
    found = checked(draft_programme, group, row(1), [None] * len(HEADINGS), row(2))
    assert (len(found.duties), found.problems) == (2, [])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.505", "3505"),
        ("3,505", "3505"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1.234.567,25", "1234567.25"),
    ],
)
def test_numbers_are_read_as_they_are_written(draft_programme, text, number):
    (one,) = checked(draft_programme, row(target=text)).duties
    assert f"{one.target:f}" == number


@pytest.mark.parametrize("text", ["-1", "1e3x", "0,1250", "0,125", "9999999999999", "NaN", "Infinity"])
def test_what_is_no_target_is_refused(draft_programme, text):
    (problem,) = told(draft_programme, row(target=text))
    assert problem.startswith("Dòng 2, cột Số giao: ")


@pytest.mark.parametrize("text", ["30/9/2026", "30-09-2026", "30.09.2026", "2026-09-30", DUE_ON])
def test_days_are_read_as_they_are_written(draft_programme, text):
    (one,) = checked(draft_programme, row(deadline_on=text)).duties
    assert one.deadline_on == DUE_ON


def test_a_comma_may_belong_to_a_name(draft_programme, officer):
    culture = factories.AgencyFactory(code="SVHTTDL", name_vi="Sở Văn hóa, Thể thao và Du lịch")
    factories.SignatoryFactory(programme=draft_programme, agency=culture, order=9)
    (one,) = checked(
        draft_programme, row(coordinating="UBMTTQ, so van hoa, the thao va du lich,BCHQS")
    ).duties
    assert len(one.coordinating) == 3
    assert culture.pk in one.coordinating


def test_who_coordinates_is_a_party_too(draft_programme):
    """An agency that does not sign would never see what it is named in."""
    factories.AgencyFactory(code="LA", name_vi="Sở Lạ")
    assert told(draft_programme, row(coordinating="UBMTTQ; LA")) == [
        "Dòng 2, cột Cơ quan phối hợp: Sở Lạ không phải bên ký kết chương trình."
    ]


def test_a_cell_of_commas_is_read_at_once(draft_programme):
    begun = time.process_time()
    checked(draft_programme, row(coordinating="," * 1900))
    assert time.process_time() - begun < 2


def test_a_name_of_two_agencies_asks_for_the_code(draft_programme):
    other = factories.AgencyFactory(code="SXD2", name_vi="Sở Xây dựng", valid_to=dt.date(2027, 1, 1))
    assert told(draft_programme, row()) == [], "of one name the party is meant"
    factories.SignatoryFactory(programme=draft_programme, agency=other, order=9)
    assert "ghi mã cơ quan" in told(draft_programme, row())[0]
    assert told(draft_programme, row(lead="SXD")) == []


def test_a_code_that_stands_twice_is_named_in_both_rows(draft_programme):
    assert told(draft_programme, row(code="1.77"), row(code=None), row(code="1.77")) == [
        "Dòng 2, cột Mã: mã “1.77” có hai lần trong bảng.",
        "Dòng 4, cột Mã: mã “1.77” có hai lần trong bảng.",
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows(
    draft_programme, put, officer, django_assert_num_queries
):
    small, large = put(*(row(n) for n in range(3))).table, put(*(row(n) for n in range(200))).table
    for table in (small, large):
        with django_assert_num_queries(5):
            import_checks.check(table, draft_programme, today=TODAY)


# --- The actions -------------------------------------------------------------------------------------------
def test_a_new_sheet_takes_the_place_of_one_that_waits(put, commander):
    first, second = put(row()), put(row(1), by=commander)
    first.refresh_from_db()
    assert (first.state, first.decided_by, second.state) == ("discarded", commander, "waiting")
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentImport.objects.filter(pk=first.pk).update(state="waiting", decided_by=None, decided_at=None)


def test_who_does_not_run_the_programme_sends_and_decides_nothing(draft_programme, put, cast):
    sheet = put(row())
    for name, user in vars(cast).items():
        if name in {"officer", "commander"}:
            continue
        for act in (assignment_imports.load, assignment_imports.discard):
            with pytest.raises(PermissionDenied):
                act(sheet, by=user, at=NOW)
        with pytest.raises(PermissionDenied):
            put(row(), by=user)
        with pytest.raises(PermissionDenied):
            assignment_imports.upload(draft_programme, by=user, at=NOW, sent=sent(b"x"))
    readers = {name for name, user in vars(cast).items() if draft_access.visible_imports(user).exists()}
    assert readers == {"officer", "commander", "clerk"}


def test_nothing_is_sent_or_added_once_the_text_is_frozen(draft_programme, put, officer):
    sheet = put(row())
    Programme.objects.update(state="frozen")
    with pytest.raises(RuleError):
        assignment_imports.load(sheet, by=officer, at=NOW)
    with pytest.raises(RuleError):
        put(row())
    assignment_imports.discard(sheet, by=officer, at=NOW)
    assert sheet.state == "discarded"


def test_the_lost_race_added_twice(draft_programme, put, officer, commander):
    sheet = put(row())
    other = AssignmentImport.objects.get(pk=sheet.pk)
    assignment_imports.load(sheet, by=officer, at=NOW)
    with pytest.raises(RuleError):
        assignment_imports.load(other, by=commander, at=NOW)
    with pytest.raises(RuleError):
        assignment_imports.discard(other, by=commander, at=NOW)
    assert Assignment.objects.count() == 4


def test_the_lost_race_a_code_was_taken_since_it_was_shown(draft_programme, put, officer, front):
    sheet = put(row(code="1.50"), row(code="1.51"))
    assert import_checks.check(sheet.table, draft_programme, today=TODAY).problems == []
    factories.AssignmentFactory(task=draft_programme.priority_tasks.get(number=1), code="1.51", lead=front)
    with pytest.raises(RuleError, match=r"Dòng 3, cột Mã"):
        assignment_imports.load(sheet, by=officer, at=NOW)
    assert not Assignment.objects.filter(code="1.50").exists()


# --- The document that gives a duty out ----------------------------------------------------------
CITED = {"source_number": "15/KH-BCH", "source_on": dt.date(2026, 1, 5), "source_subject": "Kế hoạch năm"}


def test_a_row_cites_the_document_that_gives_it_out(put, draft_programme, officer):
    sheet = put(row(0, **CITED), row(1))
    assignment_imports.load(sheet, by=officer, at=NOW)
    (cited,) = SourceDocument.objects.all()
    assert (cited.assignment.code, cited.number, cited.subject) == ("1.100", "15/KH-BCH", "Kế hoạch năm")
    assert cited.issued_on == dt.date(2026, 1, 5)
    event = Event.objects.get(verb="assignment.source_cited")
    assert json.loads(event.payload)["after"]["sourcedocument.0"]["number"] == "15/KH-BCH"
    assert event.subject_id == str(cited.assignment_id)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"source_number": ""}, "Số, ký hiệu văn bản giao"),
        ({"source_on": ""}, "Ngày văn bản giao"),
        ({"source_on": "mai"}, "Ngày văn bản giao"),
        ({"source_on": TODAY + dt.timedelta(days=1)}, "Ngày văn bản giao"),
        ({"source_subject": ""}, "Trích yếu văn bản giao"),
        ({"source_subject": "x" * 301}, "Trích yếu văn bản giao"),
    ],
)
def test_it_is_cited_whole_or_the_sheet_is_refused(draft_programme, changes, column):
    (problem,) = told(draft_programme, row(0, **(CITED | changes)))
    assert column in problem


def test_other_words_for_the_columns_are_known(draft_programme):
    headings = [*HEADINGS[:-3], "Số/ký hiệu", "Ngày ban hành", "Trích yếu"]
    found = checked(draft_programme, row(0, **CITED), headings=headings)
    assert found.sources[0].number == "15/KH-BCH"
    assert found.left_out == []


def test_the_page_of_a_sheet_shows_what_is_cited(put, officer, login):
    page = login(officer).get(put(row(0, **CITED)).get_absolute_url()).content.decode()
    assert "15/KH-BCH, 05/01/2026" in page
