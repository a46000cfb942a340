"""Vietnamese first; English for who chose it here."""

import pytest
from django.test import Client

LOGIN = "/login/"


@pytest.mark.parametrize(
    ("cookie", "language"), [(None, "vi"), ("en", "en"), ("vi", "vi"), ("fr", "vi"), ("../../etc", "vi")]
)
def test_the_cookie_decides_and_nothing_else(db, cookie, language):
    client = Client(headers={"accept-language": "en-US,en;q=0.9"})
    if cookie:
        client.cookies["language"] = cookie
    response = client.get(LOGIN)
    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in response.content.decode()
