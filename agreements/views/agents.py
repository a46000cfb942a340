"""The signing program's side: a ticket for it, and the two questions it asks (docs/agent-protocol.md).

The program has no session and no cookie: its ticket says who it works for. Without cookies there is
nothing that a foreign page could make a browser send, so the two addresses ask for no CSRF token.
"""

import base64
import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from agreements import access, agents, capacities, jobs, signing
from agreements.forms import CapacityForm
from agreements.models import PreparedSignature
from portal.lib.errors import RuleError
from portal.users.middleware import let_in
from portal.users.requests import SignedInRequest

LARGEST = 16 * 1024  # bytes of a question
STATUS = {"unknown_ticket": 404, "ticket_over": 410, "stale": 409, "lease_over": 409, "not_prepared": 409}

Told = dict[str, Any]


@require_POST
def ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a new ticket, once."""
    document = get_object_or_404(access.visible_documents(request.user), pk=pk)
    if not access.may_sign(request.user, document):
        raise PermissionDenied
    field, now = signing.field_of(request.user, document), timezone.now()
    form = CapacityForm(
        request.POST, choices=capacities.choices(field, by=request.user, at=now) if field else ()
    )
    if not form.is_valid():
        raise RuleError(" ".join(str(text) for texts in form.errors.values() for text in texts))
    task, secret = agents.open_ticket(
        document,
        by=request.user,
        shown_sha256=request.POST.get("sha256", ""),
        at=now,
        **form.cleaned_data,
    )
    facts = {"document": document, "task": task, "ticket": secret}
    response = render(request, "agreements/ticket.html", facts)
    response.headers["Cache-Control"] = "no-store"
    return response


def question(view: Callable[[Told], Told]) -> Callable[[HttpRequest], HttpResponse]:
    """Read a question as JSON, and answer in JSON whatever comes of it."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            told = json.loads(request.read(LARGEST + 1)[: LARGEST + 1])
            if not isinstance(told, dict) or not isinstance(told.get("ticket"), str):
                raise ValueError("no ticket")
            told["ticket"].encode()  # half a letter, which JSON may hold, has no bytes
        except (ValueError, RecursionError):
            return _refused("malformed", _("The question is not understood."), 400)
        try:
            return JsonResponse(view(told), headers={"Cache-Control": "no-store"})
        except agents.AgentRefused as refusal:
            return _refused(refusal.code, str(refusal), STATUS.get(refusal.code, 400))
        except RuleError as refusal:
            return _refused("rule", str(refusal), 400)
        except PermissionDenied:
            return _refused("not_allowed", _("You may not sign this document."), 403)

    return answer


def _refused(code: str, text: str, status: int) -> HttpResponse:
    told = {"error": code, "message": text}
    return JsonResponse(told, status=status, headers={"Cache-Control": "no-store"})


def _found(told: Told, at: dt.datetime) -> PreparedSignature:
    """Return the task of the ticket; the database opens for the person it was given to."""
    task = agents.find(told["ticket"], at=at)
    let_in(task.user)
    return task


@question
def prepare(told: Told) -> Told:
    """Say what is to be signed, and with which certificate."""
    now = timezone.now()
    return _task(agents.prepare(_found(told, now), at=now))


def _task(task: PreparedSignature) -> Told:
    attributes = bytes(task.attributes or b"")
    return {
        "document": task.document.title,
        "head_sha256": task.document.head_id,
        "revision": task.base_seq,
        "signer": task.user.get_full_name(),
        "certificate_sha256": task.certificate.fingerprint,
        "digest_algorithm": "sha256",
        "to_sign": base64.b64encode(attributes).decode("ascii"),
        "lease_ends_at": task.lease_ends_at.isoformat() if task.lease_ends_at else None,
    }


@question
def complete(told: Told) -> Told:
    """Take the signature value; the answer says that the document is signed."""
    try:
        value = base64.b64decode(str(told.get("signature", "")), validate=True)
    except ValueError as error:
        raise agents.AgentRefused("malformed", _("The question is not understood.")) from error
    now = timezone.now()
    signature = agents.complete(_found(told, now), value=value, at=now)
    jobs.check_soon()
    return {"signed": True, "revision": signature.seq, "sha256": signature.file_id}
