"""The pages of evidence, as a browser gets them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.models import Document
from agreements.states import DocumentState
from portal.audit.models import Event
from portal.files import sandbox, store
from portal.files.models import Recall
from tasks.models import Assignment, Evidence
from tests import factories
from tests.factories import NOW, TODAY
from tests.portal.admin_pages import address
from tests.portal.files import samples
from tests.portal.files.conftest import left_in

pytestmark = pytest.mark.usefixtures("now")
TEXT = "Nội dung không mật".encode()


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"
    return tmp_path


@pytest.fixture
def evidence(assignment, department, focal_point):
    file = store.put(b"content", media_type="text/plain; charset=utf-8", at=NOW)
    return factories.EvidenceFactory(
        assignment=assignment, agency=department, file=file, uploaded_by=focal_point, name="Biên bản.txt"
    )


def url(row, name="evidence"):
    return reverse(f"assignments:{name}", args=[row.assignment_id, row.pk])


def page(assignment):
    return reverse("assignments:detail", args=[assignment.pk])


def send(client, assignment, *, name="Biên bản.txt", content=TEXT, **changes):
    data = {"title": "Biên bản bàn giao", "declared": "on", "sent": SimpleUploadedFile(name, content)}
    return client.post(
        reverse("assignments:add_evidence", args=[assignment.pk]),
        {k: v for k, v in (data | changes).items() if v is not None},
    )


def errors(response):
    return response.context["evidence"].form.errors


# --- Adding ------------------------------------------------------------------------------------------
def test_file_is_added_and_listed(assignment, focal_point, login):
    client = login(focal_point)
    assert "Chưa có tài liệu nào." in client.get(page(assignment)).content.decode()
    answer = send(client, assignment)
    assert (answer.status_code, answer.url) == (302, f"{page(assignment)}#evidence")
    body = client.get(page(assignment)).content.decode()
    assert "Biên bản bàn giao" in body
    assert "Biên bản.txt" in body
    assert url(Evidence.objects.get()) in body


def test_form_says_what_is_accepted_and_that_the_guard_is_an_aid(assignment, focal_point, login):
    body = login(focal_point).get(page(assignment)).content.decode()
    assert "Cổng nhận: PDF, JPEG, PNG, XLSX, DOCX, TXT hoặc CSV (UTF-8), không quá 20 MB." in body
    assert "Tôi cam đoan tài liệu không chứa bí mật nhà nước" in body
    assert "chỉ là công cụ hỗ trợ" in body
    assert 'enctype="multipart/form-data"' in body


def test_refused_file_is_told_beside_its_field_and_the_title_is_kept(assignment, focal_point, login):
    answer = send(login(focal_point), assignment, name="a.pdf", content=samples.pdf()[:-50])
    assert answer.status_code == 400
    assert set(errors(answer)) == {"sent"}
    body = answer.content.decode()
    assert body.count("Tệp bị hỏng") == 2, "at the head of the page, and beside the field"
    assert "Cổng nhận" in body
    assert 'value="Biên bản bàn giao"' in body


def test_declaration_is_made_anew_for_each_file(assignment, focal_point, login):
    body = send(login(focal_point), assignment, name="a.exe", content=b"MZ").content.decode()
    (tick,) = (part for part in body.split("<input") if 'name="declared"' in part)
    assert "checked" not in tick.partition(">")[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"declared": None}, "declared"), ({"sent": None}, "sent"), ({"title": ""}, "title")],
)
def test_missing_part_is_told_beside_its_field(assignment, focal_point, login, changes, field):
    answer = send(login(focal_point), assignment, **changes)
    assert answer.status_code == 400
    assert set(errors(answer)) == {field}
    assert not Evidence.objects.exists()


def test_larger_than_twenty_megabytes_is_413_and_leaves_nothing(assignment, focal_point, login, folders):
    client = login(focal_point)
    answer = send(client, assignment, name="a.txt", content=b"a" * (20 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert set(errors(answer)) == {"sent"}
    assert send(client, assignment, name="a.txt", content=b"a" * (25 * 1024 * 1024)).status_code == 413
    assert left_in(folders) == []


def test_busy_sandbox_is_told_and_nothing_typed_is_lost(assignment, focal_point, login, monkeypatch):
    monkeypatch.setattr(sandbox, "PATIENCE", 0.1)
    with sandbox._slot(), sandbox._slot():
        answer = send(login(focal_point), assignment)
    assert answer.status_code == 503
    assert set(errors(answer)) == {"sent"}
    assert 'value="Biên bản bàn giao"' in answer.content.decode()


@pytest.mark.parametrize("name", ["bao\u202ecao.txt", "../../x.txt", "a" * 300 + ".txt", "Ẩn\u200b.txt"])
def test_odd_names_are_cleaned_and_sent_back_clean(assignment, focal_point, login, name):
    client = login(focal_point)
    assert send(client, assignment, name=name).status_code == 302
    row = Evidence.objects.get()
    assert row.name.isprintable()
    assert len(row.name) <= 160
    assert client.get(url(row)).headers["Content-Disposition"].count(";") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="sent"; filename="a\0.pdf"\r\n\r\nx\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="sent"; filename="\xff\xfe.pdf"\r\n\r\nx\r\n--x--',
    ],
)
def test_malformed_bodies_are_refused(assignment, focal_point, login, body):
    address = reverse("assignments:add_evidence", args=[assignment.pk])
    answer = login(focal_point).generic("POST", address, body, "multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_who_may_not_add_gets_403_or_404(assignment, cast, login):
    for name, status in (("officer", 403), ("viewer", 403), ("admin", 403), ("stranger", 404)):
        assert send(login(getattr(cast, name)), assignment).status_code == status
    assert not Evidence.objects.exists()


# --- Downloading -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["officer", "commander", "clerk", "head", "deputy", "focal_point"])
def test_who_sees_it_downloads_it(evidence, cast, login, name):
    answer = login(getattr(cast, name)).get(url(evidence))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"content"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''Bi%C3%AAn%20b%E1%BA%A3n.txt"


@pytest.mark.parametrize("name", ["front_head", "viewer", "admin", "stranger"])
def test_others_get_the_page_of_what_does_not_exist(evidence, cast, login, name):
    client = login(getattr(cast, name))
    for name in ("evidence", "withdraw_evidence", "recall_evidence"):
        assert client.get(url(evidence, name)).status_code == 404
    assert "Biên bản" not in client.get(page(evidence.assignment)).content.decode()


def test_evidence_of_another_assignment_is_not_found_here(evidence, programme, officer, login):
    other = programme.assignments.get(code="1.02")
    assert (
        login(officer).get(reverse("assignments:evidence", args=[other.pk, evidence.pk])).status_code == 404
    )


def test_damaged_file_is_a_clear_page(evidence, focal_point, login):
    store.path_of(evidence.file_id).write_bytes(b"c0ntent")
    answer = login(focal_point).get(url(evidence))
    assert answer.status_code == 503
    assert "Không gửi được tệp" in answer.content.decode()


def test_head_request_reads_nothing_out(evidence, focal_point, login):
    assert login(focal_point).head(url(evidence)).status_code == 200


# --- Withdrawing and recalling -----------------------------------------------------------------------
def test_agency_withdraws_with_a_reason(evidence, focal_point, login):
    client = login(focal_point)
    assert "Rút tài liệu này" in client.get(url(evidence, "withdraw_evidence")).content.decode()
    assert client.post(url(evidence, "withdraw_evidence"), {"reason": "x"}).status_code == 400
    answer = client.post(url(evidence, "withdraw_evidence"), {"reason": "Nộp nhầm bản"})
    assert answer.url == f"{page(evidence.assignment)}#evidence"
    body = client.get(page(evidence.assignment)).content.decode()
    assert "Nộp nhầm bản" in body
    assert f'href="{url(evidence)}"' not in body
    assert client.get(url(evidence)).status_code == 410


def test_officer_recalls_with_a_reason(
    evidence, officer, focal_point, login, django_capture_on_commit_callbacks
):
    client = login(officer)
    assert "Không ai tải xuống được nữa" in client.get(url(evidence, "recall_evidence")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url(evidence, "recall_evidence"), {"reason": "Có dấu chỉ độ mật"})
    assert answer.status_code == 302
    for user in (officer, focal_point):
        reader = login(user)
        assert reader.get(url(evidence)).status_code == 410
        body = reader.get(page(evidence.assignment)).content.decode()
        assert "Có dấu chỉ độ mật" in body
        assert evidence.file_id[:16] in body
        assert f'href="{url(evidence)}"' not in body
    assert not store.path_of(evidence.file_id).exists()


@pytest.mark.parametrize(
    ("name", "action", "status"),
    [
        ("officer", "withdraw_evidence", 403),
        ("head", "recall_evidence", 403),
        ("focal_point", "recall_evidence", 403),
        ("clerk", "recall_evidence", 403),
    ],
)
def test_visible_but_not_allowed_is_403(evidence, cast, login, name, action, status):
    client = login(getattr(cast, name))
    assert client.get(url(evidence, action)).status_code == status
    assert client.post(url(evidence, action), {"reason": "Lý do dài"}).status_code == status
    assert not Recall.objects.exists()


def test_refused_recall_says_why(evidence, programme, officer, login):
    Document.objects.create(
        programme=programme,
        state=DocumentState.SIGNING,
        title="Chương trình",
        symbol="CTr",
        page_count=1,
        frozen_at=NOW,
        frozen=evidence.file,
        head=evidence.file,
        closes_on=TODAY,
    )
    answer = login(officer).post(url(evidence, "recall_evidence"), {"reason": "Có dấu chỉ độ mật"})
    assert answer.status_code == 400
    assert "thuộc văn bản đã ký" in answer.content.decode()


def test_recalled_bytes_cannot_come_back(evidence, officer, focal_point, login):
    Recall.objects.create(file=evidence.file, by=officer, at=NOW, reason="x")
    answer = send(login(focal_point), evidence.assignment, content=b"content")
    assert answer.status_code == 400
    assert "Tệp này đã bị thu hồi" in answer.content.decode()


# --- The administrator -------------------------------------------------------------------------------
def test_administrator_recalls_without_reading(evidence, admin, login, django_capture_on_commit_callbacks):
    client = login(admin)
    record = address(Evidence, "change", evidence.pk)
    recall = reverse("admin:tasks_evidence_recall", args=[evidence.pk])
    assert recall in client.get(record).content.decode()
    assert client.get(recall).status_code == 200
    assert client.post(recall, {"reason": ""}).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(recall, {"reason": "Có dấu chỉ độ mật"}).url == record
    body = client.get(record).content.decode()
    assert "Có dấu chỉ độ mật" in body
    assert recall not in body
    assert not store.path_of(evidence.file_id).exists()
    assert Event.objects.get(verb="file.recalled").actor_id == admin.pk


@pytest.mark.parametrize("name", ["officer", "head", "viewer"])
def test_administration_of_recalls_is_for_administrators(evidence, cast, login, name):
    recall = reverse("admin:tasks_evidence_recall", args=[evidence.pk])
    assert login(getattr(cast, name)).post(recall, {"reason": "Lý do dài"}).status_code == 403
    assert not Recall.objects.exists()


# --- A fixed number of queries -----------------------------------------------------------------------
def test_twenty_files_take_the_queries_of_one(
    evidence, department, focal_point, login, django_assert_num_queries
):
    client = login(focal_point)
    Assignment.objects.filter(pk=evidence.assignment_id).update(status="in_progress")
    client.get(page(evidence.assignment))
    for number in range(20):
        file = store.put(b"%d" % number, media_type="text/plain", at=NOW)
        factories.EvidenceFactory(
            assignment=evidence.assignment, agency=department, file=file, uploaded_by=focal_point
        )
    with django_assert_num_queries(23):
        client.get(page(evidence.assignment))
