"""What is too large is refused before it is read."""

import pytest
from django.test import Client

MEGABYTE = 1024 * 1024
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "content_type", "size"),
    [
        ("/login/", FORM, 3 * MEGABYTE),
        ("/notices/read/", FORM, 3 * MEGABYTE),
        ("/verify/", "multipart/form-data; boundary=b", 23 * MEGABYTE),
    ],
)
def test_too_much_is_413(db, path, content_type, size):
    answer = Client(enforce_csrf_checks=True).post(path, b"a" * size, content_type=content_type)
    assert answer.status_code == 413
    assert "Content-Security-Policy" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
