"""The world that is crawled, with its own authority and file store."""

import pytest

from tests.isolation import world as making


@pytest.fixture
def world(db, now, settings, tmp_path) -> making.World:
    settings.DATA_DIR = tmp_path
    settings.PKI_DIR = tmp_path / "pki"
    settings.FILES_DIR = tmp_path / "files"
    return making.build()
