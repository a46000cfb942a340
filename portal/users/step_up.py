"""Step-up: something known and one fresh second factor, just before what must not be done by a stranger.

A signed-in browser may be left alone, or its cookie stolen. So a few things ask again, and the answer
opens one purpose, for five minutes, in that browser: `@required("users")` on a view. What is known is
the signing PIN for whoever has one, the password for the others (docs/decisions/0014).

Signing has its own form, where PIN and code stand beside the text, and no grant: the PIN itself opens
the key there, and the code is spent by the same factors.spend().
"""

import datetime as dt
import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users import carried, factors, passkeys, sessions, throttle, totp
from portal.users.forms import StepUpForm
from portal.users.models import StepUp, User
from portal.users.requests import SignedInRequest

LASTS = dt.timedelta(minutes=5)
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Purpose:
    """What a step-up is for.

    `words` end the sentence “You are about to …”. `is_once`: the first use ends it. `is_for_one`: it
    opens only the address that it was asked for. `by_password`: for who forgot everything else.
    """

    words: str | Promise
    is_once: bool = False
    is_for_one: bool = False
    by_password: bool = False


PURPOSES = {
    "users": Purpose(gettext_lazy("change people, posts or access")),
    "certificate": Purpose(gettext_lazy("request, release or revoke a signing certificate"), is_for_one=True),
    "forgotten_pin": Purpose(
        gettext_lazy("replace a signing PIN that you forgot"), is_for_one=True, by_password=True
    ),
    "roots": Purpose(gettext_lazy("change which outside authorities are trusted")),
    "export": Purpose(gettext_lazy("take a copy of everything out of the portal"), is_once=True),
}


# --- What is known ----------------------------------------------------------------------------------
class KnowledgeRefused(RuleError):
    """The PIN or the password did not pass."""


class CodeRefused(RuleError):
    """The one-time code did not pass."""

    def __init__(self) -> None:
        super().__init__(
            _("The one-time code is wrong, expired or already used. Nothing was done. Take a new code.")
        )


@dataclass(frozen=True)
class Knowledge:
    """A secret that some people know; apps above register theirs from ready().

    `check` raises RuleError, in words for its field, when the answer is wrong or not looked at now.
    """

    name: str
    label: str | Promise
    is_of: Callable[[User, dt.datetime], bool]
    check: Callable[[User, str, dt.datetime], None]
    autocomplete: str = "off"


def _check_password(user: User, answer: str, at: dt.datetime) -> None:
    attempt = throttle.Attempt("step-up", user.pk, at=at)
    if not user.check_password(answer):
        raise KnowledgeRefused(_("The password is wrong. Nothing was done."))
    attempt.forgive()


PASSWORD = Knowledge(
    name="password",
    label=gettext_lazy("Your password"),
    is_of=lambda user, at: True,
    check=_check_password,
    autocomplete="current-password",
)
_known: list[Knowledge] = [PASSWORD]


def register(knowledge: Knowledge) -> None:
    """Ask for this, from whoever has it, before what is known so far. Called once, from ready()."""
    _known.insert(0, knowledge)


def knowledge_of(user: User, *, purpose: str, at: dt.datetime) -> Knowledge:
    if PURPOSES[purpose].by_password:
        return PASSWORD
    return next(knowledge for knowledge in _known if knowledge.is_of(user, at))


# --- Grants -----------------------------------------------------------------------------------------
def grant(
    request: SignedInRequest, *, user: User, purpose: str, path: str, answer: str, code: str, at: dt.datetime
) -> None:
    """Check what is known, then the code; open the purpose in this browser, under a new session key.

    Raises KnowledgeRefused (or what another knowledge raises), CodeRefused, TooManyFailures.
    """
    knowledge = knowledge_of(user, purpose=purpose, at=at)
    try:
        knowledge.check(user, answer, at)
    except throttle.TooManyFailures:
        raise  # told when it began; a guesser must not fill the trail
    except RuleError:
        _refuse(user, purpose=purpose, why=knowledge.name, at=at)
        raise
    factor = factors.spend(user, code, at=at)
    if factor is None:
        _refuse(user, purpose=purpose, why="code", at=at)
        raise CodeRefused
    request.session.cycle_key()
    sessions.follow(request.session)
    _grant(request, user, purpose, path, {"knowledge": knowledge.name, "factor": factor.type}, at=at)


@action
def _grant(
    request: SignedInRequest, user: User, purpose: str, path: str, how: dict[str, str], *, at: dt.datetime
) -> None:
    StepUp.objects.update_or_create(
        sign_in_id=sessions.own_id(request.session),
        purpose=purpose,
        path=path if PURPOSES[purpose].is_for_one else "",
        defaults={"mark": _mark(user), "granted_at": at},
    )
    record(
        "step_up.granted",
        user,
        by=user,
        at=at,
        agency_code=user.post.agency.code if user.post else "",
        payload={"purpose": purpose, "path": path, **how},
    )


@action
def _refuse(user: User, *, purpose: str, why: str, at: dt.datetime) -> None:
    record(
        "step_up.refused",
        user,
        by=user,
        at=at,
        agency_code=user.post.agency.code if user.post else "",
        payload={"purpose": purpose, "why": why},
    )


def use(request: SignedInRequest, purpose: str, *, at: dt.datetime) -> bool:
    """Return whether the purpose is open for this request; what opens once is closed by it."""
    what = PURPOSES[purpose]
    rows = StepUp.objects.filter(
        sign_in_id=sessions.own_id(request.session),
        purpose=purpose,
        path=request.path if what.is_for_one else "",
        mark=_mark(request.user),
        granted_at__gt=at - LASTS,
        granted_at__lte=at,
    )
    if what.is_once:
        return rows.delete()[0] == 1  # of two requests at once one deletes it
    return rows.exists()


def _mark(user: User) -> str:
    """Return what a new password or another post changes: a grant from before opens nothing."""
    return salted_hmac("portal.users.step_up", f"{user.password} {sessions.post_mark(user)}").hexdigest()


# --- Views ------------------------------------------------------------------------------------------
def required(
    purpose: str, *, on: Collection[str] = (), may: Callable[[User], bool] | None = None
) -> Callable[[View], View]:
    """Let a view run only after a step-up for the purpose; else lead to it and come back.

    `may`: whoever it refuses hears so at once (403), and not after a PIN and a code.

    `on`: the methods that need it, all when empty. A view with a form whose purpose opens once names
    POST alone: the page is read before, the grant is used by what is sent.
    """
    if purpose not in PURPOSES:
        raise KeyError(purpose)

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if may is not None and not may(request.user):
                raise PermissionDenied
            answer = demand(request, purpose) if not on or request.method in on else None
            return answer or view(request, *args, **kwargs)

        return guarded

    return guard


def demand(request: SignedInRequest, purpose: str) -> HttpResponse | None:
    """Return None when the purpose is open, else the way to the step-up, with what was typed."""
    if use(request, purpose, at=timezone.now()):
        return None
    if request.method in {"GET", "HEAD"}:
        return redirect(address(purpose, request.get_full_path()))
    form = carried.typed(request, user_id=request.user.pk)
    return ask(request, purpose, next_path=request.get_full_path(), typed=carried.pack(form) if form else "")


def ask(
    request: SignedInRequest, purpose: str, *, next_path: str, typed: str = "", form: StepUpForm | None = None
) -> HttpResponse:
    """Show the form of the step-up: 200 when asked for, 400 for a refused answer, 403 in place of a page."""
    user, now = request.user, timezone.now()
    if not factors.is_enrolled(user):
        messages.warning(request, _("This needs a second factor. Set one up first; then come back here."))
        return redirect("mfa_index")
    status = 403 if form is None else 400 if form.is_bound else 200
    form = form or StepUpForm(initial={"for": purpose, "next": next_path, "typed": typed})
    facts = {
        "form": form,
        "purpose": PURPOSES[purpose],
        "knowledge": knowledge_of(user, purpose=purpose, at=now),
        "demo_code": totp.next_code(user, at=now) if settings.DEMO else None,
        "passkey_question": passkeys.question(user, at=now),
    }
    return render(request, "users/step_up.html", facts, status=status)


def address(purpose: str, path: str) -> str:
    """Return the address of the page that asks, and then leads on to `path`."""
    return f"{reverse('account_step_up')}?{urlencode({'for': purpose, 'next': path})}"
