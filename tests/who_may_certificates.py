"""How what is done about certificates, tokens and roots is prepared and asked for: cells about a person."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agreements import certificates, keys, roots, suspensions, tokens
from agreements.models import (
    Certificate,
    CertificateRequest,
    Credential,
    ExternalCertificate,
    ExternalRoot,
    Suspension,
)
from portal.users.models import User
from tests.agreements.token_tools import DAY, Issuer
from tests.factories import NOW
from tests.test_who_may import PIN
from tests.who_may_people import Ask, Prepare, about, everybody


def _requests(world: SimpleNamespace, state: str) -> None:
    """A request of everybody, in rows alone, whatever their post: what is asked is who decides it."""
    decided = {"decided_at": NOW, "decided_by": world.others["commander"]} if state != "requested" else {}
    for user in everybody(world):
        serial = f"{user.pk:x}"
        key = keys.generate_key()
        CertificateRequest.objects.create(
            user=user, agency=user.post.agency, common_name=user.full_name, serial=serial, state=state,
            public_key=_public(key), fingerprint=f"{user.pk:064x}", sealed_key=b"sealed",
            asked_at=NOW, **decided,
        )  # fmt: skip


def _public(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _request(act: Callable[..., Any], **given: Any) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _requests(world, state)

        def ask(by: User, relation: str) -> None:
            asked = CertificateRequest.objects.get(user=about(world, by, relation))
            more = {"compared": asked.fingerprint[-8:]} if act is certificates.release else given
            act(asked, by=by, at=NOW, **more)

        return ask

    return prepare


def _certificates(world: SimpleNamespace, *, revoked: bool = False) -> None:
    for user in everybody(world):
        made = Certificate.objects.create(
            serial=f"c{user.pk:x}", user=user, agency=user.post.agency, common_name="x", der=b"",
            not_before=NOW, not_after=NOW + dt.timedelta(days=700),
            revoked_at=NOW if revoked else None, revocation_reason="superseded" if revoked else "",
        )  # fmt: skip
        Credential.objects.create(certificate=made, sealed_key=b"sealed")


def _revoke(world: SimpleNamespace, state: str) -> Ask:
    _certificates(world, revoked=state == "revoked")

    def ask(by: User, relation: str) -> None:
        held = Certificate.objects.get(user=about(world, by, relation))
        certificates._revoke(held, by=by, reason="superseded", at=NOW)

    return ask


def _suspend(world: SimpleNamespace, state: str) -> Ask:
    _certificates(world, revoked=state == "revoked")
    if state == "suspended":
        _suspensions(world)

    def ask(by: User, relation: str) -> None:
        held = Certificate.objects.get(user=about(world, by, relation))
        suspensions.suspend(held, by=by, reason="Chưa rõ ai giữ thẻ.", at=NOW)

    return ask


def _suspensions(world: SimpleNamespace, **given: Any) -> None:
    for held in Certificate.objects.all():
        Suspension.objects.create(
            certificate=held, suspended_at=NOW, suspended_by=world.others["viewer"], reason="x", **given
        )


def _lift(world: SimpleNamespace, state: str) -> Ask:
    _certificates(world)
    lifted = {"lifted_at": NOW, "lifted_by": world.others["commander"]} if state == "lifted" else {}
    _suspensions(world, **lifted)

    def ask(by: User, relation: str) -> None:
        row = Suspension.objects.get(certificate__user=about(world, by, relation))
        suspensions.lift(row, by=by, at=NOW)

    return ask


ROOT = keys.ForeignRoot(b"der", "0" * 64, "Root CA", NOW, NOW + dt.timedelta(days=7300))
LIST = keys.ForeignList(b"der", "0" * 64, "Root CA", "1", NOW, NOW + dt.timedelta(days=7))


def _root(act: Callable[..., Any], **given: Any) -> Prepare:
    """One of each proposer, who may be who asks."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        decided = {"decided_by": world.others["viewer"], "decided_at": NOW} if state != "proposed" else {}
        for user in everybody(world):
            ExternalRoot.objects.create(
                kind="public", owner="x", common_name="x", der=b"", sha256=f"{user.pk:064x}", state=state,
                not_before=NOW, not_after=NOW + dt.timedelta(days=9), proposed_by=user, proposed_at=NOW,
                **decided,
            )  # fmt: skip

        def ask(by: User, relation: str) -> None:
            root = ExternalRoot.objects.get(proposed_by=about(world, by, relation))
            more = {"compared": root.sha256[-8:]} if act is roots.enable else given
            act(root, by=by, at=NOW, **more)

        return ask

    return prepare


def _add_root_list(root: ExternalRoot, **given: Any) -> None:
    roots._add_list(root, LIST, **given)


def _propose_root(world: SimpleNamespace, state: str) -> Ask:
    ExternalRoot.objects.create(
        kind="public", owner="x", common_name="x", der=b"", sha256=ROOT.sha256, state=state,
        not_before=NOW, not_after=NOW + dt.timedelta(days=9), proposed_at=NOW, decided_at=NOW,
        proposed_by=world.others["administrator"], decided_by=world.others["commander"],
    )  # fmt: skip

    def ask(by: User, relation: str) -> None:
        roots._propose(ROOT, kind=ExternalRoot.Kind.PUBLIC, owner="x", by=by, at=NOW)

    return ask


def _ask(*, for_agency: bool = False) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        if state == "held":
            _certificates(world)
            Certificate.objects.update(for_agency=for_agency)
        elif state != "none":
            _requests(world, state)
            _make_agencys(for_agency)
        return lambda by, relation: certificates.ask(
            about(world, by, relation), pin=PIN, by=by, at=NOW, for_agency=for_agency
        )

    return prepare


def _make_agencys(for_agency: bool) -> None:
    """One request an agency: the first; the others stay their people's own."""
    if for_agency:
        first = {row.agency_id: row.pk for row in CertificateRequest.objects.order_by("-pk")}
        CertificateRequest.objects.filter(pk__in=first.values()).update(for_agency=True)


def _tokens(world: SimpleNamespace, state: str) -> None:
    """A certificate on a token of everybody, in rows alone."""
    decided = {"decided_at": NOW, "decided_by": world.others["commander"]} if state != "requested" else {}
    ended = {"ended_at": NOW} if state == "ended" else {}
    for user in everybody(world):
        ExternalCertificate.objects.create(
            user=user, agency=user.post.agency, kind="public", state=state, common_name="x",
            issuer_name="x", serial="1", der=b"", fingerprint=f"{user.pk:064x}", not_before=NOW,
            not_after=NOW, asked_at=NOW, **decided, **ended,
        )  # fmt: skip


def _token(act: Callable[..., Any], **given: Any) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _tokens(world, state)

        def ask(by: User, relation: str) -> None:
            held = ExternalCertificate.objects.get(user=about(world, by, relation))
            more = {"compared": held.fingerprint[-8:]} if act is tokens.release else given
            act(held, by=by, at=NOW, **more)

        return ask

    return prepare


def _register(world: SimpleNamespace, state: str) -> Ask:
    if state != "none":
        _tokens(world, state)
    issuer = Issuer(at=NOW - 90 * DAY)
    content = issuer.token(start=NOW - DAY, end=NOW + DAY).certificate
    return lambda by, relation: tokens.register(
        about(world, by, relation), content=content, kind="public", by=by, at=NOW
    )


PREPARE: dict[str, Prepare] = {
    "agreements.certificates._ask": _ask(),
    "agreements.certificates._ask agency": _ask(for_agency=True),
    "agreements.roots._propose": _propose_root,
    "agreements.roots.enable": _root(roots.enable),
    "agreements.roots.refuse": _root(roots.refuse, reason="Không đúng chủ."),
    "agreements.roots.disable": _root(roots.disable, reason="Không dùng nữa."),
    "agreements.roots._add_list": _root(_add_root_list),
    "agreements.suspensions.suspend": _suspend,
    "agreements.suspensions.lift": _lift,
    "agreements.certificates._release": _request(certificates.release),
    "agreements.certificates.refuse": _request(certificates.refuse, reason="Không gọi được."),
    "agreements.certificates.withdraw": _request(certificates.withdraw),
    "agreements.certificates._revoke": _revoke,
    "agreements.tokens.register": _register,
    "agreements.tokens.release": _token(tokens.release),
    "agreements.tokens.refuse": _token(tokens.refuse, reason="Không gọi được."),
    "agreements.tokens.withdraw": _token(tokens.withdraw),
    "agreements.tokens.end": _token(tokens.end),
}
