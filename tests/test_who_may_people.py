"""Every cell of tests/who_may.py that is about a person: asked for oneself, a colleague, somebody else."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agreements import certificates, keys, roots, suspensions
from agreements.models import Certificate, CertificateRequest, Credential, ExternalRoot, Suspension
from portal.users import codes, factors, invitations, recoveries, sessions, totp
from portal.users.models import Membership, Role, SignIn, User
from portal.users.records import Invitation, Recovery
from tests import factories, who_may
from tests.factories import NOW, TODAY
from tests.test_who_may import PIN, outcome
from tests.who_may_rows import RELATIONS, ROLES, Row

ROWS = [row for row in who_may.TABLE if row.relations != RELATIONS]
LATER = NOW + dt.timedelta(hours=1)
HOME, AWAY = "HOME", "AWAY"


# --- The world: eight posts in one agency, and the people whom it is about ----------------------------
@pytest.fixture
def world(db, now, settings, tmp_path) -> SimpleNamespace:
    settings.PKI_DIR, settings.DATA_DIR = tmp_path / "pki", tmp_path
    agencies = {name: factories.AgencyFactory(code=name) for name in (HOME, AWAY)}
    askers = {role: _person(agencies[HOME], role) for role in ROLES}
    subjects = {name: _person(agency, Role.DEPUTY_HEAD) for name, agency in agencies.items()}
    others = {role: _person(agencies[AWAY], role) for role in ROLES}
    return SimpleNamespace(agencies=agencies, askers=askers, subjects=subjects, others=others)


def _person(agency: Any, role: str) -> User:
    user = factories.UserFactory()
    factories.MembershipFactory(user=user, agency=agency, role=role, valid_to=dt.date(2099, 1, 1))
    return user


def everybody(world: SimpleNamespace) -> list[User]:
    return [*world.askers.values(), *world.subjects.values()]


def about(world: SimpleNamespace, by: User, relation: str) -> User:
    """Return whom a person who stands so to it asks for."""
    if relation == "self":
        return by
    return world.subjects[AWAY if relation == "other" else HOME]


# --- How each action is prepared in a state and asked for ---------------------------------------------
Ask = Callable[[User, str], Any]
Prepare = Callable[[SimpleNamespace, str], Ask]


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


def _ask(world: SimpleNamespace, state: str) -> Ask:
    if state == "held":
        _certificates(world)
    elif state != "none":
        _requests(world, state)
    return lambda by, relation: certificates.ask(about(world, by, relation), pin=PIN, by=by, at=NOW)


def _add(role: str) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        def ask(by: User, relation: str) -> None:
            agency = world.agencies[AWAY if relation == "other" else HOME]
            person = User(username="moi", full_name="Lý Văn Kế", email="ke@example.vn")
            post = Membership(agency=agency, role=role, valid_from=TODAY)
            invitations.add(person, post, way="mail", by=by, at=NOW)

        return ask

    return prepare


def _invite(role: str, *, way: str = "mail", is_new: bool = True) -> Prepare:
    """Whoever is asked about holds such a post and, if new, has never been in."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        changes = {"password": "!"} if is_new else {}
        for user in world.subjects.values():
            User.objects.filter(pk=user.pk).update(email="" if state == "none" else user.email, **changes)
            user.memberships.update(role=role)

        def ask(by: User, relation: str) -> None:
            person = User.objects.get(pk=about(world, by, relation).pk)
            invitations.invite(person, way=way, by=by, at=NOW)

        return ask

    return prepare


def _invitation(world: SimpleNamespace, state: str) -> Ask:
    ended = {"used": {"used_at": NOW}, "revoked": {"revoked_at": NOW}}.get(state, {})
    sender = world.others["administrator"]

    def ask(by: User, relation: str) -> None:
        sent = Invitation.objects.create(
            user=by if relation == "self" else world.subjects[AWAY], way="mail", token_sha256="0" * 64,
            code_hash="x", invited_by=by if relation == "maker" else sender, invited_at=NOW,
            expires_at=LATER, **ended,
        )  # fmt: skip
        invitations.revoke(sent, by=by, at=NOW)

    return ask


def _lose(world: SimpleNamespace, state: str) -> Ask:
    if state != "none":
        for user in everybody(world):
            totp.enrol(user)

    def ask(by: User, relation: str) -> None:
        person = about(world, by, relation)
        if state == "open":
            _recovery(person, world.others["administrator"], None, "waiting")
        recoveries.open_for(person, note="Đã gặp.", by=by, at=NOW)

    return ask


def _recovery(person: User, opener: User, approver: User | None, state: str) -> Recovery:
    """A recovery in a state; `approver` agrees as soon as the state asks for it."""
    is_over = {
        "used": {"used_at": NOW},
        "cancelled": {"cancelled_at": NOW},
        "expired": {"expires_at": NOW - dt.timedelta(minutes=1)},
    }
    facts: dict[str, Any] = {"expires_at": LATER} | is_over.get(state, {})
    if approver and state not in {"waiting", "cancelled", "expired"}:
        facts |= {"approved_by": approver, "approved_at": NOW}
    if state in {"shown", "used"}:
        facts["code_hash"] = codes.hash_code("12345678")
    opened_at = NOW - dt.timedelta(minutes=5)
    return Recovery.objects.create(
        user=person, note="Đã gặp.", opened_by=opener, opened_at=opened_at, **facts
    )


def _mend(act: Callable[..., Any], *, opener: str, role: str = Role.DEPUTY_HEAD) -> Prepare:
    """A recovery of everybody about whom it is asked, opened by somebody else with such a post."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        for user in world.subjects.values():
            user.memberships.update(role=role)
        approver = world.others["programme_officer" if opener == "administrator" else "administrator"]

        def ask(by: User, relation: str) -> None:
            person = User.objects.get(pk=about(world, by, relation).pk)
            act(_recovery(person, world.others[opener], approver, state), by=by, at=NOW)

        return ask

    return prepare


def _show(world: SimpleNamespace, state: str) -> Ask:
    def ask(by: User, relation: str) -> None:
        person = by if relation == "self" else world.subjects[AWAY]
        opener = by if relation == "maker" else world.others["administrator"]
        made = _recovery(person, opener, world.others["programme_officer"], state)
        recoveries.show_code(made, by=by, at=NOW)

    return ask


def _remove(world: SimpleNamespace, state: str) -> Ask:
    for user in everybody(world):
        totp.enrol(user)
        if state == "two":
            Authenticator.objects.create(user=user, type="webauthn", data={"name": "Khóa", "credential": {}})

    def ask(by: User, relation: str) -> None:
        factor = Authenticator.objects.get(user=about(world, by, relation), type="totp")
        factors.remove(factor, by=by, at=NOW)

    return ask


def _end(world: SimpleNamespace, state: str) -> Ask:
    for user in everybody(world):
        key = f"key{user.pk}"
        SignIn.objects.create(user=user, session_key=key, signed_in_at=NOW, last_seen_at=NOW)

    def ask(by: User, relation: str) -> None:
        of = about(world, by, relation)
        assert sessions.end(SignIn.objects.all(), of=of, by=by, at=NOW) == 1

    return ask


PREPARE: dict[str, Prepare] = {
    "agreements.certificates._ask": _ask,
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
    "portal.users.invitations.add focal point": _add(Role.FOCAL_POINT),
    "portal.users.invitations.add other post": _add(Role.DEPUTY_HEAD),
    "portal.users.invitations.invite new focal point": _invite(Role.FOCAL_POINT),
    "portal.users.invitations.invite new person": _invite(Role.DEPUTY_HEAD),
    "portal.users.invitations.invite in person": _invite(Role.DEPUTY_HEAD, way="present"),
    "portal.users.invitations.invite again": _invite(Role.FOCAL_POINT, is_new=False),
    "portal.users.invitations.revoke": _invitation,
    "portal.users.recoveries.open_for": _lose,
    "portal.users.recoveries.approve opened by officer": _mend(
        recoveries.approve, opener="programme_officer"
    ),
    "portal.users.recoveries.approve opened by administrator": _mend(
        recoveries.approve, opener="administrator"
    ),
    "portal.users.recoveries.approve of an officer": _mend(
        recoveries.approve, opener="administrator", role=Role.PROGRAMME_OFFICER
    ),
    "portal.users.recoveries.show_code": _show,
    "portal.users.recoveries.cancel of a head": _mend(recoveries.cancel, opener="programme_officer"),
    "portal.users.recoveries.cancel of an officer": _mend(
        recoveries.cancel, opener="administrator", role=Role.PROGRAMME_OFFICER
    ),
    "portal.users.factors.remove": _remove,
    "portal.users.sessions.end": _end,
}


def expected(row: Row, state: str, relation: str, role: str) -> str:
    if not row.may(relation, role):
        return "not allowed"
    return "done" if state in row.done else "rule"


@pytest.mark.parametrize(
    ("row", "state"),
    [pytest.param(row, state, id=f"{row.key}-{state}") for row in ROWS for state in row.states],
)
def test_everybody_for_everybody(row: Row, state: str, world: SimpleNamespace) -> None:
    ask = PREPARE[row.key](world, state)
    cells = [(relation, role) for relation in row.relations for role in ROLES]
    found = {
        (relation, role): outcome(lambda by, r=relation: ask(by, r), world.askers[role])
        for relation, role in cells
    }
    assert found == {cell: expected(row, state, *cell) for cell in cells}


def test_every_row_is_asked() -> None:
    assert set(PREPARE) == {row.key for row in ROWS}
    assert len(ROWS) == len({row.key for row in ROWS})


def test_a_row_names_relations_of_its_own_kind() -> None:
    for row in who_may.TABLE:
        assert set(row.who) <= set(row.relations), row.key
