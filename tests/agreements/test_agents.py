"""Signing through the signing program: tickets, preparations, values."""

import base64
import datetime as dt
import json

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from agreements import agents, jobs, marks, pades, tokens, verification
from agreements.models import Document, PreparedSignature, Signature
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from portal.users.models import Membership
from tests.agreements.conftest import new_token
from tests.agreements.pdf_tools import qpdf_accepts
from tests.agreements.token_tools import DAY, Token
from tests.factories import NOW, AuthorisationFactory

SECOND = dt.timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("pinned")


def value_of(token: Token, to_sign: bytes) -> bytes:
    """What a token answers."""
    if isinstance(token.key, rsa.RSAPrivateKey):
        return token.key.sign(to_sign, padding.PKCS1v15(), hashes.SHA256())
    return token.key.sign(to_sign, ec.ECDSA(hashes.SHA256()))


def opened(document: Document, user, *, at=NOW) -> tuple[PreparedSignature, str]:
    return agents.open_ticket(document, by=user, shown_sha256=document.frozen_id, at=at)


def prepared(document: Document, user, *, at=NOW) -> PreparedSignature:
    task, _ticket = opened(document, user, at=at)
    return agents.prepare(task, at=at)


def completed(task: PreparedSignature, token: Token, *, at=NOW) -> Signature:
    return agents.complete(task, value=value_of(token, bytes(task.attributes)), at=at)


def refusal(act, *args, **given) -> str:
    with pytest.raises(agents.AgentRefused) as refused:
        act(*args, **given)
    return refused.value.code


# --- It works ---------------------------------------------------------------------------------------
def test_value_of_the_token_makes_the_next_revision(document, head, held, token, tmp_path):
    signature = completed(prepared(document, head), token)
    document.refresh_from_db()
    assert (signature.kind, signature.external_certificate) == ("agent", held)
    assert (document.head_seq, document.head_id) == (1, signature.file_id)
    content = store.read(document.head_id)
    assert qpdf_accepts(content, tmp_path)
    verification.check(signature, at=NOW)
    signature.refresh_from_db()
    assert signature.check_state == "good"


def test_rsa_token_signs_too(document, head, holder, issuer):
    token = new_token(issuer, key=rsa.generate_private_key(65537, 2048))
    holder(head, token)
    assert completed(prepared(document, head), token).seq == 1


def test_portal_signature_follows(document, head, held, token, sign, front_head):
    completed(prepared(document, head), token)
    document.refresh_from_db()
    sign(document, front_head)
    document.refresh_from_db()
    assert verification.report(store.read(document.head_id), at=NOW).verdict is pades.Verdict.GOOD


def test_ticket_is_kept_as_a_hash_and_recorded(document, head, held):
    task, ticket = opened(document, head)
    assert ticket not in str(PreparedSignature.objects.values().get())
    assert agents.find(ticket, at=NOW) == task
    assert Event.objects.get(verb="signing_ticket.opened").actor_id == head.pk


def test_value_sent_again_gets_the_first_result(document, head, held, token):
    task = prepared(document, head)
    value = value_of(token, bytes(task.attributes))
    first = agents.complete(task, value=value, at=NOW)
    again = PreparedSignature.objects.select_related("signature").get(pk=task.pk)
    assert agents.complete(again, value=value, at=NOW) == first
    assert Signature.objects.count() == 1


# --- The lease, and others who are faster ------------------------------------------------------------
def test_who_signs_meanwhile_makes_the_preparation_stale(document, head, held, token, sign, front_head):
    task = prepared(document, head)
    sign(document, front_head)
    task = _anew(task)
    assert refusal(completed, task, token) == "stale"
    assert completed(agents.prepare(task, at=NOW), token).seq == 2


def _anew(task: PreparedSignature) -> PreparedSignature:
    return PreparedSignature.objects.get(pk=task.pk)


def test_lost_race_under_the_lock_is_stale(document, head, held, token, sign, front_head, monkeypatch):
    task = prepared(document, head)
    checked = agents._checked

    def check_slowly(*args):
        done = checked(*args)
        sign(Document.objects.get(pk=document.pk), front_head)
        return done

    monkeypatch.setattr(agents, "_checked", check_slowly)
    assert refusal(completed, task, token) == "stale"
    assert Signature.objects.count() == 1


def test_sweep_takes_what_nobody_came_back_for(document, head, held, token):
    task = prepared(document, head)
    assert agents.sweep(at=task.ends_at - SECOND) == 0, "the ticket still opens it"
    with time_machine.travel(task.ends_at, tick=False):
        jobs.sweep_preparations()
    left = PreparedSignature.objects.get()
    assert (left.tail, left.attributes, left.ticket_sha256) == (None, None, task.ticket_sha256)
    assert agents.sweep(at=task.ends_at) == 0
    assert refusal(agents.complete, left, value=b"late", at=task.ends_at) == "not_prepared"


def test_sweep_leaves_what_is_signed(document, head, held, token):
    signature = completed(prepared(document, head), token)
    assert agents.sweep(at=NOW + DAY) == 0
    assert PreparedSignature.objects.get().signature == signature


def test_lease_ends(document, head, held, token):
    task = prepared(document, head)
    assert refusal(completed, task, token, at=NOW + agents.LEASE) == "lease_over"
    assert completed(task, token, at=NOW + agents.LEASE - SECOND)


def test_nothing_prepared_is_nothing_to_complete(document, head, held):
    task, _ticket = opened(document, head)
    assert refusal(agents.complete, task, value=b"x", at=NOW) == "not_prepared"


def test_preparation_is_void_once_there_is_another(document, head, held, token):
    task = prepared(document, head)
    value = value_of(token, bytes(task.attributes))
    later = agents.prepare(task, at=NOW + SECOND)
    assert refusal(agents.complete, later, value=value, at=NOW + SECOND) == "value"


# --- Refused -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", [b"", b"garbage", b"\x30\x06\x02\x01\x01\x02\x01\x01", b"x" * 20000])
def test_value_that_is_none_is_refused(document, head, held, value):
    assert refusal(agents.complete, prepared(document, head), value=value, at=NOW) == "value"
    document.refresh_from_db()
    assert document.head_seq == 0


def test_value_of_another_token_is_refused(document, head, held, issuer):
    assert refusal(completed, prepared(document, head), new_token(issuer)) == "value"


def test_revoked_meanwhile_is_refused(document, head, held, token, believed):
    task = prepared(document, head)
    believed((token, NOW - DAY))
    assert refusal(completed, task, token) == "revoked"


def test_unknown_and_old_tickets(document, head, held):
    _task, ticket = opened(document, head)
    assert refusal(agents.find, "x" * 43, at=NOW) == "unknown_ticket"
    assert refusal(agents.find, ticket, at=NOW + agents.TICKET) == "ticket_over"


@pytest.mark.parametrize("who", ["focal_point", "officer", "clerk", "admin", "viewer", "stranger"])
def test_who_heads_no_party_gets_no_ticket(document, cast, who):
    with pytest.raises(PermissionDenied):
        opened(document, getattr(cast, who))


def test_without_a_released_token_there_is_no_ticket(document, head):
    with pytest.raises(RuleError):
        opened(document, head)


def test_other_text_than_the_one_shown_gets_no_ticket(document, head, held):
    with pytest.raises(StaleError):
        agents.open_ticket(document, by=head, shown_sha256="0" * 64, at=NOW)


def test_ended_token_is_refused_at_each_step(document, head, held, token):
    task = prepared(document, head)
    tokens.end(held, by=head, at=NOW)
    assert refusal(completed, task, token) == "certificate"
    assert refusal(agents.prepare, task, at=NOW) == "certificate"


def test_ended_post_is_refused_at_each_step(document, head, held, token):
    task = prepared(document, head)
    Membership.objects.filter(user=head).update(valid_to=dt.date(2020, 1, 2))
    with pytest.raises(PermissionDenied):
        completed(_anew(task), token)
    with pytest.raises(PermissionDenied):
        agents.prepare(task, at=NOW)


def test_closed_round_is_refused(document, head, held, token):
    task = prepared(document, head)
    Document.objects.update(state="closed")
    with pytest.raises(RuleError):
        agents.prepare(task, at=NOW)
    with pytest.raises(RuleError):
        completed(_anew(task), token)


# --- The addresses -----------------------------------------------------------------------------------
def ask(client, name: str, told: object):
    body = told if isinstance(told, bytes) else json.dumps(told)
    return client.post(reverse(f"agreements:agent_{name}"), body, content_type="application/json")


def test_program_without_a_session_prepares_and_completes(document, head, held, token, client, now):
    _task, ticket = opened(document, head)
    told = ask(client, "prepare", {"ticket": ticket}).json()
    assert told["certificate_sha256"] == held.fingerprint
    assert told["head_sha256"] == document.head_id
    value = base64.b64encode(value_of(token, base64.b64decode(told["to_sign"]))).decode()
    answer = ask(client, "complete", {"ticket": ticket, "signature": value})
    document.refresh_from_db()
    assert answer.json() == {"signed": True, "revision": 1, "sha256": document.head_id}
    assert ask(client, "complete", {"ticket": ticket, "signature": value}).json() == answer.json()
    assert ask(client, "prepare", {"ticket": ticket}).json()["error"] == "done"


def test_program_gets_a_revision_with_the_pictures_of_the_signer(document, head, held, client, now):
    """On PostgreSQL behind the wall too: the ticket opens what is its person's."""
    ink = marks.Ink(1, 1, b"\xff")
    marks.keep(marks.Kind.SIGNATURE, ink, by=head, at=NOW)
    marks.keep(marks.Kind.SEAL, ink, by=head, at=NOW, width_mm=36)
    task, ticket = opened(document, head)
    assert ask(client, "prepare", {"ticket": ticket}).status_code == 200
    task.refresh_from_db()
    assert bytes(task.tail).count(b"/Subtype /Image") == 4  # two pictures, each with its mask


def test_person_with_a_paper_signs_through_the_program(
    document, focal_point, head, holder, issuer, client, now
):
    AuthorisationFactory(person=focal_point, recorded_by=head, programme=document.programme)
    holder(focal_point, new_token(issuer, focal_point.full_name))
    _task, ticket = opened(document, focal_point)
    assert ask(client, "prepare", {"ticket": ticket}).json()["signer"] == focal_point.get_full_name()


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 10000,
        b'{"ticket": 1}',
        b"\xff",
        b'{"ticket": "\\ud800"}',
        b'{"ticket": "x"' + b" " * 20000 + b"}",
    ],
)
@pytest.mark.parametrize("name", ["prepare", "complete"])
def test_malformed_question_is_refused(client, db, name, told):
    answer = ask(client, name, told)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_refusals_have_their_status(document, head, held, client, now):
    assert ask(client, "prepare", {"ticket": "x"}).status_code == 404
    _task, ticket = opened(document, head)
    assert ask(client, "complete", {"ticket": ticket, "signature": "eA=="}).status_code == 409
    assert ask(client, "complete", {"ticket": ticket, "signature": "?"}).status_code == 400
    Membership.objects.filter(user=head).update(valid_to=dt.date(2020, 1, 2))
    assert ask(client, "prepare", {"ticket": ticket}).status_code == 403


@pytest.mark.parametrize("grounds", ["vắng " * 100, "vắng\0mặt"], ids=["too long", "no character"])
def test_ticket_takes_no_more_than_the_form_of_the_page(document, head, held, login, now, grounds):
    sent = {"sha256": document.frozen_id, "grounds": grounds}
    assert login(head).post(reverse("agreements:ticket", args=[document.pk]), sent).status_code == 302
    assert not PreparedSignature.objects.exists()


def test_ticket_is_shown_once(document, head, held, login, now):
    page = login(head).post(reverse("agreements:ticket", args=[document.pk]), {"sha256": document.frozen_id})
    assert page.context["ticket"] in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert agents.find(page.context["ticket"], at=NOW).user == head
