"""Checkpoints of a test's own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def places(settings, tmp_path) -> list[Path]:
    """The two checkpoint files, not written yet, and a key folder of the test's own."""
    settings.CHECKPOINT_KEY_DIR = tmp_path / "key"
    settings.CHECKPOINT_DIRS = [tmp_path / "first", tmp_path / "second"]
    return [folder / "checkpoints.jsonl" for folder in settings.CHECKPOINT_DIRS]
