"""Versions of a draft: what is kept, what differs, who takes one."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agreements import drafts
from agreements.models import DraftVersion
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from tasks.models import Clause, LegalBasis, Programme
from tests import factories
from tests.factories import NOW


@pytest.fixture
def version(draft_programme, officer) -> DraftVersion:
    return drafts.take(draft_programme, by=officer, at=NOW, label=" Bản lấy ý kiến ")


def changed(version: DraftVersion) -> dict[str, drafts.Change]:
    return drafts.by_place(drafts.changes(version.text, drafts.snapshot(version.programme)))


def test_a_version_keeps_the_text_with_the_keys_of_its_rows(version):
    assert (version.number, version.label) == (1, "Bản lấy ý kiến")
    row = version.programme.assignments.get(code="1.01")
    assert version.text["ids"]["assignment.1.01"] == row.pk
    assert set(version.text["ids"]) == set(drafts.places(version.text))
    assert changed(version) == {}
    event = Event.objects.first()
    assert (event.verb, event.agency_code) == ("draft.taken", "BCHQS")


def test_versions_are_numbered(version, officer):
    assert drafts.take(version.programme, by=officer, at=NOW, label="Bản trình hội nghị").number == 2


def test_only_who_runs_the_programme_takes_one(draft_programme, cast):
    for name in ("clerk", "admin", "head", "focal_point", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            drafts.take(draft_programme, by=getattr(cast, name), at=NOW, label="x")


def test_a_frozen_text_has_its_paper(draft_programme, officer):
    Programme.objects.update(state="frozen")
    draft_programme.refresh_from_db()
    with pytest.raises(RuleError):
        drafts.take(draft_programme, by=officer, at=NOW, label="x")


def test_a_version_says_what_it_is_for(draft_programme, officer):
    with pytest.raises(RuleError):
        drafts.take(draft_programme, by=officer, at=NOW, label="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        DraftVersion.objects.create(
            programme=draft_programme, number=1, label="", content="{}", sha256="", taken_at=NOW
        )


def test_two_take_one_at_the_same_moment(version, officer, monkeypatch):
    rows = DraftVersion.objects.none()
    monkeypatch.setattr(drafts.access, "versions_of", lambda programme: rows)
    with pytest.raises(StaleError):
        drafts.take(version.programme, by=officer, at=NOW, label="x")


def test_every_part_of_the_text_is_compared(version, front, department):
    programme = version.programme
    Programme.objects.update(title_vi="Chương trình mới")
    programme.priority_tasks.filter(number=1).update(title_vi="Nhiệm vụ viết lại")
    programme.solutions.filter(number=2).delete()
    programme.assignments.filter(code="1.01").update(deadline_on=dt.date(2026, 6, 30), lead=front)
    factories.ClauseFactory(programme=programme, number=2, text="Đoạn thêm.")
    LegalBasis.objects.update(wording="Căn cứ Luật mới", effective_to=dt.date(2026, 12, 31))
    found = changed(version)
    assert found["title"].fields[0][2] == "Chương trình mới"
    assert found["solution.2"].is_gone
    assert found["clause.purpose.2"].is_new
    assert [name for name, _was, _now in found["assignment.1.01"].fields] == [
        "Cơ quan chủ trì",
        "Thời gian hoàn thành",
    ]
    (basis,) = (
        change for place, change in found.items() if place.startswith("basis.") and change.after == place
    )
    assert not basis.is_new, "a legal basis whose words changed is still the same"
    assert {now for _name, _was, now in basis.fields} == {"Căn cứ Luật mới", "2026-12-31"}


def test_a_clause_that_moved_is_followed(version):
    programme = version.programme
    programme.clauses.update(number=3)
    factories.ClauseFactory(programme=programme, number=1, section=Clause.Section.PURPOSE, text="Đoạn mới.")
    now = drafts.snapshot(programme)
    assert drafts.followed("clause.purpose.1", version.text, now) == "clause.purpose.3"
    assert changed(version)["clause.purpose.1"].after in {"clause.purpose.3", "clause.purpose.1"}
    (new,) = (change for change in drafts.changes(version.text, now) if change.is_new)
    assert new.after == "clause.purpose.1"


def test_a_version_is_compared_with_the_signed_paper(version, officer, document):
    """A clause is added before it is frozen."""
    (change,) = drafts.changes(version.text, drafts.signed_text(document))
    assert (change.after, change.is_new) == ("clause.organisation.1", True)


def test_the_text_is_read_in_the_order_of_print(version):
    groups = list(dict.fromkeys(row.group for row in drafts.read(version.text)))
    assert groups[1] == "Căn cứ pháp lý"
    assert [row.place for row in drafts.read(version.text)] == list(drafts.places(version.text))
