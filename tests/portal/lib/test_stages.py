"""The stages that something runs through."""

from portal.lib.stages import stages

WAY = {"a": "First", "b": "Second", "c": "Last"}


def drawn(here: str) -> list[str]:
    return ["done" if row.done else "current" if row.current else "ahead" for row in stages(WAY, here)]


def test_stage_in_the_middle():
    assert drawn("b") == ["done", "current", "ahead"]


def test_last_stage_is_done_when_reached():
    assert drawn("c") == ["done", "done", "done"]


def test_beside_the_way_there_are_none():
    assert drawn("x") == []
