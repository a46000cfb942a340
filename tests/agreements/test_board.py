"""The conference board: who sees it, what it says, and that asking each second costs little."""

import pytest
from django.urls import reverse

from agreements import documents, parties
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now")


def url(name: str, document) -> str:
    return reverse(f"agreements:{name}", args=[document.pk])


def read(client, document, name: str = "board") -> str:
    return client.get(url(name, document)).content.decode()


@pytest.mark.parametrize("who", ["officer", "commander", "clerk", "head", "deputy", "focal_point"])
def test_command_and_parties_see_the_board(document, cast, login, who):
    client = login(getattr(cast, who))
    assert client.get(url("board", document)).status_code == 200
    assert client.get(url("board_tiles", document)).status_code == 200


@pytest.mark.parametrize("name", ["board", "board_tiles"])
def test_viewer_may_not_and_stranger_finds_nothing(document, viewer, stranger, login, name):
    assert login(viewer).get(url(name, document)).status_code == 403
    assert login(stranger).get(url(name, document)).status_code == 404


def test_board_says_who_signed_is_absent_and_declined(document, cast, sign, login):
    sign(document, cast.front_head)
    parties.mark_absent(document.fields.get(agency__code="BCHQS"), by=cast.officer, at=NOW)
    parties.decline(
        document.fields.get(agency__code="SXD"), by=cast.head, at=NOW, reason="Chưa thống nhất kinh phí"
    )
    page = read(login(cast.officer), document)
    for words in ("<b>1</b><span> / 3", "tile-signed tile-fresh", "tile tile-absent", "tile tile-declined"):
        assert words in page
    assert "30/03/2026" in page
    assert "Chưa thống nhất" not in page, "the reason is for the parties, not for the hall"


def test_board_works_without_script_and_shows_a_qr_code(document, officer, login):
    page = read(login(officer), document)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert "data:image/svg+xml;base64," in page


def test_nothing_new_is_304_and_a_signature_is_not(document, cast, sign, login):
    client = login(cast.officer)
    mark = client.get(url("board_tiles", document)).headers["ETag"]
    asked = {"If-None-Match": mark}
    again = client.get(url("board_tiles", document), headers=asked)
    assert (again.status_code, again.content) == (304, b"")
    sign(document, cast.head)
    newer = client.get(url("board_tiles", document), headers=asked)
    assert newer.status_code == 200
    assert newer.headers["ETag"] != mark


def test_asking_costs_the_same_few_queries(document, officer, login, django_assert_num_queries):
    client = login(officer)
    client.get(url("board_tiles", document))
    with django_assert_num_queries(QUERIES):
        client.get(url("board_tiles", document))


QUERIES = 7  # session, person, post, sign-in, document, board, signatures on paper


def test_board_of_a_frozen_document_is_the_command_s(frozen, head, officer, login):
    assert login(head).get(url("board", frozen)).status_code == 404
    assert login(officer).get(url("board", frozen)).status_code == 200


def test_board_goes_on_when_the_round_is_closed(document, cast, sign, login):
    for user in (cast.commander, cast.front_head):
        sign(document, user)
    documents.bring_into_force(document, by=cast.commander, at=NOW)
    documents.close_round(document, by=cast.officer, at=NOW)
    assert "<b>2</b><span> / 3" in read(login(cast.officer), document)
