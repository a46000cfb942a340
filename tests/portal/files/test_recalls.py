"""Recall: nobody gets the bytes any more, their trace stays, a signed document is safe from it."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from agreements.models import Document
from agreements.states import DocumentState
from portal.audit.models import Event
from portal.files import recalls, serving, store
from portal.files.models import Recall
from portal.lib.errors import RuleError
from tests import factories
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Có dấu chỉ độ mật"


@pytest.fixture
def file(stored, assignment):
    row = stored(b"content")
    factories.EvidenceFactory(assignment=assignment, agency=assignment.lead, file=row)
    return row


def test_bytes_are_sealed_and_the_trace_stays(file, officer, folders):
    recalls.recall(file, by=officer, at=NOW, reason=REASON)
    sealed = folders / "quarantine" / file.sha256
    assert sealed.read_bytes() == b"content"
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert not store.path_of(file.sha256).exists()
    row = Recall.objects.get(file=file)
    assert (row.by, row.at, row.reason) == (officer, NOW, REASON)
    event = Event.objects.get(verb="file.recalled")
    assert json.loads(event.payload) == {"reason": REASON, "sha256": file.sha256, "size": 7}


@pytest.mark.parametrize("name", ["officer", "commander", "admin"])
def test_those_who_run_the_programme_and_the_administrator_may(file, cast, name):
    recalls.recall(file, by=getattr(cast, name), at=NOW, reason=REASON)
    assert Recall.objects.exists()


@pytest.mark.parametrize(
    "name", ["clerk", "head", "deputy", "focal_point", "front_head", "viewer", "stranger"]
)
def test_nobody_else_may(file, cast, name):
    with pytest.raises(PermissionDenied):
        recalls.recall(file, by=getattr(cast, name), at=NOW, reason=REASON)
    assert store.read(file.sha256) == b"content"


def test_reason_is_needed(file, officer):
    with pytest.raises(RuleError):
        recalls.recall(file, by=officer, at=NOW, reason=" ")


def test_second_recall_is_refused(file, officer, commander):
    recalls.recall(file, by=officer, at=NOW, reason=REASON)
    with pytest.raises(RuleError):
        recalls.recall(file, by=commander, at=NOW, reason="Lý do khác")
    assert Recall.objects.get().by == officer


def test_file_of_a_signed_document_is_never_recalled(file, programme, officer):
    """Even when somebody uploads the signed paper as evidence of something."""
    Document.objects.create(
        programme=programme,
        state=DocumentState.SIGNING,
        title="Chương trình",
        symbol="CTr",
        page_count=1,
        frozen_at=NOW,
        frozen=file,
        head=file,
        closes_on=TODAY,
    )
    with pytest.raises(RuleError):
        recalls.recall(file, by=officer, at=NOW, reason=REASON)
    assert store.read(file.sha256) == b"content"


def test_refused_recall_leaves_the_bytes(file, officer, monkeypatch):
    """Whatever fails in the transaction, the bytes move only after it is committed."""

    def fail(*args, **kwargs):
        raise RuleError("no")

    monkeypatch.setattr(recalls, "record", fail)
    with pytest.raises(RuleError):
        recalls.recall(file, by=officer, at=NOW, reason=REASON)
    assert store.read(file.sha256) == b"content"
    assert not Recall.objects.exists()


def test_recalled_file_is_not_sent_even_before_its_bytes_are_moved(file, officer, monkeypatch):
    monkeypatch.setattr(recalls.store, "seal", lambda sha256: None)
    recalls.recall(file, by=officer, at=NOW, reason=REASON)
    file.refresh_from_db()
    request = RequestFactory().get("/")
    request.user = officer
    answer = serving.send(request, file, name="a.txt")
    assert answer.status_code == 410
    assert "Không ai tải xuống được nữa" in answer.content.decode()


# --- Destroying --------------------------------------------------------------------------------------
def test_bytes_are_destroyed_by_record(file, officer, folders):
    recalls.recall(file, by=officer, at=NOW, reason=REASON)
    call_command("destroy_recalled", file.sha256, record="BB 12/BB-BCHQS ngày 01/4/2026")
    assert not (folders / "quarantine" / file.sha256).exists()
    row = Recall.objects.get()
    assert row.destroyed_at
    assert row.destruction_record == "BB 12/BB-BCHQS ngày 01/4/2026"
    assert "BB 12" in Event.objects.get(verb="file.destroyed").payload


def test_destroying_twice_or_without_a_recall_is_refused(file, officer):
    with pytest.raises(CommandError):
        call_command("destroy_recalled", file.sha256, record="BB 1")
    recalls.recall(file, by=officer, at=NOW, reason=REASON)
    with pytest.raises(CommandError):
        call_command("destroy_recalled", file.sha256, record=" ")
    call_command("destroy_recalled", file.sha256, record="BB 1")
    with pytest.raises(CommandError):
        call_command("destroy_recalled", file.sha256, record="BB 2")
