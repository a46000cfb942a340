"""Evidence says what was measured, when and on what; and only a soak run writes it."""

import json
from types import SimpleNamespace

import pytest

from tests import scale
from tests.source import BASE


def test_evidence_names_figures_commit_and_day(tmp_path):
    facts = json.loads(scale.written("sample", {"requests": 3}, folder=tmp_path).read_text())
    assert facts["figures"] == {"requests": 3}
    assert facts["measured_at"].endswith("+00:00")
    assert len(facts["commit"].partition(",")[0]) >= 12


def test_evidence_is_of_today_though_the_test_holds_the_clock(tmp_path, now):
    facts = json.loads(scale.written("sample", {}, folder=tmp_path).read_text())
    assert facts["measured_at"][:10] != now.date().isoformat()


def test_small_run_writes_nothing(evidence, monkeypatch, tmp_path):
    monkeypatch.setattr(scale, "SCALE", "ci")
    monkeypatch.setattr(scale, "written", lambda *_given: pytest.fail("written"))
    evidence("sample", requests=3)


@pytest.mark.parametrize(("asked", "size"), [("ci", 1), ("full", 2)])
def test_size_follows_the_scale(monkeypatch, asked, size):
    monkeypatch.setattr(scale, "SCALE", asked)
    assert scale.of(ci=1, full=2) == size


def test_unknown_scale_is_refused(monkeypatch):
    monkeypatch.setattr(scale, "SCALE", "huge")
    with pytest.raises(pytest.UsageError, match="huge"):
        scale.of(ci=1, full=2)


class Item(SimpleNamespace):
    """What dividing reads of a test."""

    def iter_markers(self):
        return [SimpleNamespace(name=mark) for mark in self.marks]

    def get_closest_marker(self, name):
        return next((mark for mark in self.iter_markers() if mark.name == name), None)


@pytest.mark.parametrize(
    ("name", "marks", "fixtures", "is_divided"),
    [
        ("test_opens", [], ["db"], True),
        ("test_opens", ["both"], ["db"], False),
        ("test_opens", [], [], False),
        ("test_opens", ["django_db", "postgres"], ["db"], False),
        ("test_lost_race", [], ["db"], False),
    ],
    ids=["divided", "on both", "without a database", "of one database", "about two"],
)
def test_what_is_divided(name, marks, fixtures, is_divided):
    item = Item(name=name, marks=marks, fixturenames=fixtures, nodeid=f"tests/test_x.py::{name}")
    assert scale._is_divided(item) == is_divided


def test_what_is_about_both_asks_a_database_without_a_fixture():
    """Tests with processes of their own make the database themselves."""
    assert scale.asks_database(Item(marks=["both"], fixturenames=[]))
    assert not scale.asks_database(Item(marks=["slow"], fixturenames=[]))


def test_what_shares_a_world_stays_together():
    of_one = [Item(nodeid=f"{next(iter(scale.DEAR))}::{n}") for n in range(20)]
    alone = [Item(nodeid=f"tests/test_x.py::{n}") for n in range(20)]
    assert len({scale._half(item) for item in of_one}) == 1
    assert len({scale._half(item) for item in alone}) == 2


def test_the_files_whose_world_is_dear_are_there():
    assert all((BASE / file).is_file() for file in scale.DEAR)
