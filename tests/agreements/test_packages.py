"""The evidence sheet and the download package: who may have what of them, and that others can use them."""

import io
import json
import subprocess
import zipfile

import pytest
from django.urls import reverse

from agreements import documents, packages, sheets, verification
from agreements.models import Document, Signature
from portal.audit.models import Event
from portal.files import store
from portal.notices.models import Notice
from portal.papers.reading import missing_texts
from portal.papers.sheets import Sheet, render_sheet
from tests.agreements.pdf_tools import pdfsig, tool
from tests.factories import NOW

ADDRESS = "203.0.113.7"


@pytest.fixture
def signed(head, commander, document, sign):
    """Two of three have signed, checked; the head read her notice before and signed from an address."""
    notice = Notice.objects.get(recipient=head)
    Notice.objects.filter(pk=notice.pk).update(read_at=NOW.replace(hour=8))
    for user in (commander, head):
        sign(document, user)
    verification.check_next(at=NOW)
    document.refresh_from_db()
    return document


@pytest.fixture
def addresses(monkeypatch):
    monkeypatch.setattr(sheets, "_addresses", lambda places: dict.fromkeys(
        [place.signature.pk for place in places.places if place.signature], ADDRESS))  # fmt: skip


def cells(sheet: Sheet) -> str:
    return json.dumps([table.rows for table in sheet.sections], ensure_ascii=False)


# --- The evidence sheet ---------------------------------------------------------------------------
def test_command_reads_who_was_told_read_and_signed(signed, officer, head, addresses):
    sheet = sheets.evidence_sheet(signed, reader=officer, at=NOW)
    parties = {row[1]: row for row in sheet.sections[0].rows}
    row = parties["Sở Xây dựng"]
    assert head.get_full_name() in row[2]
    assert "10/03/2026 08:00:00" in row[3]
    assert "Mạc Văn Hùng" in row[4]
    assert row[5] == ADDRESS
    assert parties["Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa"][4] == "Chưa ký"
    signature = signed.signatures.get(signer=head)
    assert signature.certificate.serial in cells(sheet)
    assert signature.file_id in cells(sheet)
    assert sheet.warning == "BẢN CHƯA ĐỦ CHỮ KÝ: 2/3 cơ quan đã ký."


def test_sheets_say_that_no_agency_signed_with_a_key_of_its_own(signed, officer):
    for sheet in (sheets.evidence_sheet(signed, reader=officer, at=NOW), sheets.cover_sheet(signed, at=NOW)):
        assert sheets.NO_AGENCY_KEY in sheet.notes


def test_party_reads_its_own_lines_in_full_and_of_others_who_signed(signed, head, commander, addresses):
    sheet = sheets.evidence_sheet(signed, reader=head, at=NOW)
    parties = {row[1]: row for row in sheet.sections[0].rows}
    assert parties["Sở Xây dựng"][5] == ADDRESS
    other = parties["Bộ Chỉ huy Quân sự tỉnh Thanh Hóa"]
    assert other[2] == other[3] == other[5] == sheets.KEPT_BACK
    assert commander.get_full_name() in other[4]
    assert {row[5] for row in sheet.sections[2].rows} == {sheets.KEPT_BACK}


def test_notice_that_the_signature_closed_is_not_called_read(signed, commander, officer):
    row = next(
        r for r in sheets.evidence_sheet(signed, reader=officer, at=NOW).sections[0].rows if r[0] == "1"
    )
    assert row[3] == "–"


def test_sheets_say_whose_trust_each_signature_rests_on(signed, officer):
    words = str(Signature.RootKind.PORTAL.label)[1:]
    signatures = sheets.evidence_sheet(signed, reader=officer, at=NOW).sections[1]
    cover = sheets.cover_sheet(signed, at=NOW).sections[0]
    count = signed.signatures.count()
    assert [sum(words in "".join(row) for row in table.rows) for table in (signatures, cover)] == [count] * 2


def test_sheet_tells_what_the_trail_tells(signed, officer):
    told = {row[0] for row in sheets.evidence_sheet(signed, reader=officer, at=NOW).sections[2].rows}
    expected = Event.objects.filter(verb__regex=r"^(document|signature)\.").values_list("seq", flat=True)
    assert told == set(map(str, expected))


def test_sheet_is_a_paper_that_says_all_of_it(signed, officer):
    sheet = sheets.evidence_sheet(signed, reader=officer, at=NOW)
    pdf = render_sheet(sheet)
    texts = [sheet.subject, *(value for _name, value in sheet.facts), sheet.warning]
    assert missing_texts(pdf, texts) == ()
    assert render_sheet(sheet) == pdf, "the same bytes for the same facts"


def test_letter_that_the_font_lacks_is_a_question_mark(signed, officer):
    Document.objects.filter(pk=signed.pk).update(title="Chương trình 漢\u200b字")
    signed.refresh_from_db()
    assert missing_texts(render_sheet(sheets.cover_sheet(signed, at=NOW)), ["Chương trình ???"]) == ()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200),
        ("head", 200),
        ("focal_point", 200),
        ("viewer", 403),
        ("admin", 403),
        ("stranger", 404),
    ],
)
def test_who_may_have_the_sheet(signed, cast, login, now, who, status):
    answer = login(getattr(cast, who)).get(reverse("agreements:evidence", args=[signed.pk]))
    assert answer.status_code == status
    if status == 200:
        assert answer.content.startswith(b"%PDF-")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


# --- The package -----------------------------------------------------------------------------------
def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def package(signed, officer):
    return files(packages.package(signed, reader=officer, at=NOW))


def test_package_holds_the_signed_bytes_and_what_judges_them(signed, package):
    assert package["van-ban-da-ky.pdf"] == store.read(signed.head_id)
    assert set(package) == {
        *("van-ban-da-ky.pdf", "to-bia.pdf", "phieu-bang-chung.pdf", "ket-qua-kiem-tra.json", "README.txt"),
        *("chung-thu/goc.pem", "chung-thu/cap-phat.pem", "chung-thu/KY_001.pem", "chung-thu/KY_003.pem"),
        *("thu-hoi/1.pem", "thu-hoi/2.pem", "thu-hoi/3.pem"),
    }
    report = json.loads(package["ket-qua-kiem-tra.json"])
    assert (report["outcome"], len(report["signatures"]), report["number"]) == ("good", 2, None)
    assert signed.head_id in package["README.txt"].decode()
    assert "BẢN CHƯA ĐỦ CHỮ KÝ: 2/3" in package["README.txt"].decode()


def test_what_the_readme_says_works(package, tmp_path):
    """pdfsig on the file; openssl leads a signer's certificate to the root by the lists in the package."""
    assert [seen.is_valid for seen in pdfsig(package["van-ban-da-ky.pdf"], tmp_path)] == [True] * 3
    for name, content in package.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    lists = tmp_path / "lists.pem"
    lists.write_bytes(package["thu-hoi/1.pem"] + package["thu-hoi/2.pem"])
    command = [tool("openssl"), "verify", "-crl_check_all", "-CAfile", tmp_path / "chung-thu/goc.pem"]
    command += ["-untrusted", tmp_path / "chung-thu/cap-phat.pem", "-CRLfile", lists]
    command += ["-attime", str(int(NOW.timestamp())), tmp_path / "chung-thu/KY_003.pem"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_issued_paper_has_number_and_date_on_its_cover(signed, sign, front_head, commander, officer, clerk):
    sign(signed, front_head)
    documents.bring_into_force(signed, by=commander, at=NOW)
    documents.close_round(signed, by=officer, at=NOW)
    documents.issue(signed, by=clerk, at=NOW, number=1, issued_on=NOW.date())
    cover = sheets.cover_sheet(signed, at=NOW)
    assert dict(cover.facts)["Số, ký hiệu, ngày"] == "01/CTr-BCHQS-MTTQ, ngày 10/03/2026"
    assert cover.warning == ""


def test_viewer_has_the_package_without_the_evidence(signed, viewer, login, now):
    answer = login(viewer).get(reverse("agreements:package", args=[signed.pk]))
    assert answer.status_code == 200
    assert "phieu-bang-chung.pdf" not in files(answer.content)


def test_stranger_gets_404(signed, stranger, login, now):
    assert login(stranger).get(reverse("agreements:package", args=[signed.pk])).status_code == 404


def test_damaged_file_is_503(signed, officer, login, now):
    store.path_of(signed.head_id).write_bytes(b"other")
    assert login(officer).get(reverse("agreements:package", args=[signed.pk])).status_code == 503
