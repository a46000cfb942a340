"""A store of the test's own, so that what lies in it is what the test put there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.files import store
from portal.files.models import StoredFile
from tests.factories import NOW


@pytest.fixture
def folders(settings, tmp_path: Path) -> Path:
    """Empty folders for stored, incoming and recalled files; returns the one they lie in."""
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"
    return tmp_path


@pytest.fixture
def stored(folders: Path, db: None) -> Callable[[bytes], StoredFile]:
    """Return stored(content): a row with its bytes."""
    return lambda content: store.put(content, media_type="text/plain; charset=utf-8", at=NOW)


def left_in(folder: Path) -> list[str]:
    """Return the files below a folder, without the locks."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
