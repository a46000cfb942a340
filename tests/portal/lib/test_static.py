"""Names of static files before and after they are collected."""

from pathlib import Path

import pytest

from portal.lib.static import StaticFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.css").write_text("body { margin: 0 }")
    return tmp_path


def collect(folder: Path) -> None:
    """Do what `collectstatic` does after it has copied the files."""
    storage = StaticFiles(location=folder, base_url="/static/")
    assert [done for _name, _hashed, done in storage.post_process({"site.css": (storage, "site.css")})]


def address(folder: Path, name: str) -> str:
    return StaticFiles(location=folder, base_url="/static/").url(name)


def test_names_are_plain_before_collecting(folder):
    assert address(folder, "site.css") == "/static/site.css"


def test_names_are_hashed_after_collecting(folder):
    collect(folder)
    assert address(folder, "site.css").startswith("/static/site.")
    assert address(folder, "site.css") != "/static/site.css"


def test_file_that_does_not_exist_is_an_error_once_collected(folder):
    collect(folder)
    with pytest.raises(ValueError, match=r"nothing\.css"):
        address(folder, "nothing.css")
