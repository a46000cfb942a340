"""Roots of other authorities: proposed by an administrator, enabled by a command post, two persons.

Whoever could alone add a root could make a signer out of anybody. The second person has the fingerprint
from its owner, on paper or from the owner's own page, and types what this portal's page hides of it.
"""

import contextlib
import datetime as dt
import hmac
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import certificates, keys, root_access
from agreements.models import ExternalList, ExternalRoot
from agreements.states import ROOT, RootState
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users import factors
from portal.users.models import User

HIDDEN_DIGITS = certificates.HIDDEN_DIGITS
Kind = ExternalRoot.Kind


class FingerprintDiffers(RuleError):
    """What was typed is not the fingerprint of this certificate, or not its end."""


def propose(
    content: bytes, *, kind: str, owner: str, fingerprint: str, by: User, at: dt.datetime
) -> ExternalRoot:
    """Propose to believe a root, or an authority below one that is believed.

    `fingerprint` is its SHA-256 as the owner publishes it.

    Raises FingerprintDiffers; RuleError for what is no root certificate of today, or known already.
    """
    if not root_access.may_propose_root(by):
        raise PermissionDenied
    with _told():
        found = keys.read_root(content, above=(bytes(one.der) for one in root_access.trusted_roots()), at=at)
    if not hmac.compare_digest(_digits(fingerprint).encode(), found.sha256.encode()):
        raise FingerprintDiffers(
            _(
                "The file has another fingerprint than you typed. Take both from their owner, each in its "
                "own way; if they still differ, do not use the file."
            )
        )
    return _propose(found, kind=Kind(kind), owner=owner, by=by, at=at)


@action
def _propose(found: keys.ForeignRoot, *, kind: Kind, owner: str, by: User, at: dt.datetime) -> ExternalRoot:
    if not root_access.may_propose_root(by):
        raise PermissionDenied
    root = ExternalRoot.objects.filter(sha256=found.sha256).first()
    if root and root.state in {RootState.PROPOSED, RootState.ENABLED}:
        raise RuleError(_("This root is here already: %(state)s.") % {"state": root.get_state_display()})
    if root:
        again: dict[str, Any] = {"kind": kind, "owner": owner, "proposed_by": by, "proposed_at": at}
        move(root, RootState.PROPOSED, ROOT, decided_by=None, decided_at=None, reason="", **again)
    else:
        root = ExternalRoot.objects.create(
            kind=kind,
            owner=owner,
            common_name=found.common_name,
            der=found.der,
            sha256=found.sha256,
            not_before=found.not_before,
            not_after=found.not_after,
            proposed_by=by,
            proposed_at=at,
        )
    _record("root.proposed", root, by=by, at=at)
    return root


@action
def enable(root: ExternalRoot, *, compared: str, by: User, at: dt.datetime) -> None:
    """Believe a root, as the second person. `compared` is the end of its fingerprint.

    Raises FingerprintDiffers; RuleError when it is decided already or the second factor of `by` is new.
    """
    if not root_access.may_decide_root(by, root):
        raise PermissionDenied
    if not hmac.compare_digest(_digits(compared).encode(), root.sha256[-HIDDEN_DIGITS:].encode()):
        raise FingerprintDiffers(_("This is not the end of the fingerprint. Compare with the owner's paper."))
    factors.check_not_new(by, at=at)
    move(root, RootState.ENABLED, ROOT, decided_by=by, decided_at=at)
    _record("root.enabled", root, by=by, at=at)


@action
def refuse(root: ExternalRoot, *, reason: str, by: User, at: dt.datetime) -> None:
    if not root_access.may_decide_root(by, root):
        raise PermissionDenied
    move(root, RootState.REFUSED, ROOT, decided_by=by, decided_at=at, reason=reason)
    _record("root.refused", root, by=by, at=at)


@action
def disable(root: ExternalRoot, *, reason: str, by: User, at: dt.datetime) -> None:
    """Believe it no longer; signatures below it are then of an unknown authority."""
    if not root_access.may_disable_root(by):
        raise PermissionDenied
    move(root, RootState.DISABLED, ROOT, reason=reason)
    _record("root.disabled", root, by=by, at=at)


def add_list(
    root: ExternalRoot, content: bytes, *, issuer: bytes = b"", by: User, at: dt.datetime
) -> ExternalList:
    """Keep a revocation list that the root signed, or an `issuer` just below it; never an older one.

    Raises RuleError for what is no such list.
    """
    if not root_access.may_add_list(by):
        raise PermissionDenied
    with _told():
        found = keys.read_list(content, root=bytes(root.der), issuer=issuer, at=at)
    return _add_list(root, found, by=by, at=at)


@action
def _add_list(root: ExternalRoot, found: keys.ForeignList, *, by: User, at: dt.datetime) -> ExternalList:
    if not root_access.may_add_list(by):
        raise PermissionDenied
    locked = ExternalRoot.objects.select_for_update().get(pk=root.pk)
    last = ExternalList.objects.filter(issuer_sha256=found.issuer_sha256).order_by("-this_update").first()
    if last and last.this_update >= found.this_update:
        raise RuleError(
            _("A list as new as this one is here already, of %(day)s.")
            % {"day": f"{last.this_update:%d/%m/%Y}"}
        )
    kept = ExternalList.objects.create(
        root=locked,
        issuer_sha256=found.issuer_sha256,
        issuer_name=found.issuer_name,
        number=found.number,
        der=found.der,
        this_update=found.this_update,
        next_update=found.next_update,
        added_by=by,
        added_at=at,
    )
    payload = {"sha256": root.sha256, "number": found.number, "until": found.next_update}
    record("root.list_added", root, by=by, at=at, payload=payload)
    return kept


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say in words why a file is not taken."""
    try:
        yield
    except keys.ForeignRefused as refusal:
        raise RuleError(_why(refusal.code)) from refusal


def _why(code: str) -> str:
    return {
        "not_a_certificate": _("This file holds no certificate."),
        "no_authority": _("This certificate is not an authority's: it may not issue others."),
        "not_a_root": _("This certificate is no root, and no authority that is trusted here has signed it."),
        "not_below": _("The issuer's certificate was not signed by this root."),
        "weak": _("The key is too weak: RSA of 2048 bits or P-256 are the least."),
        "not_valid_now": _("This certificate is not valid today."),
        "not_a_list": _("This file holds no revocation list."),
        "not_its_list": _(
            "This authority did not sign the list. If one below it did, choose its certificate too."
        ),
        "delta": _("This is a delta list. Take the full one."),
        "list_not_valid_now": _("This list is not valid today. Take the newest one."),
    }[code]


def _digits(text: str) -> str:
    """Return the digits alone, however they are grouped."""
    return re.sub(r"[\W_]", "", text).lower()


def _record(verb: str, root: ExternalRoot, *, by: User, at: dt.datetime) -> None:
    """The trail is read by those who decide, so it holds of the fingerprint what their page shows."""
    payload = {"sha256": root.sha256[:-HIDDEN_DIGITS], "owner": root.owner, "kind": root.kind}
    if root.reason:
        payload["reason"] = root.reason
    record(verb, root, by=by, at=at, payload=payload)
