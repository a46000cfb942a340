"""Every cell of tests/who_may.py that is about a person: asked for oneself, a colleague, somebody else."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from portal.notices import mails, outbox
from portal.notices.models import Mail, Notice
from portal.users import codes, factors, invitations, oidc, recoveries, sessions, totp
from portal.users.models import Membership, Role, SignIn, User
from portal.users.records import Invitation, Recovery
from tasks.models import Programme
from tasks.states import ProgrammeState
from tests import factories, who_may, who_may_certificates
from tests.factories import NOW, TODAY
from tests.test_who_may import outcome
from tests.who_may_people import AWAY, HOME, Ask, Prepare, about, everybody
from tests.who_may_rows import RELATIONS, ROLES, Row

ROWS = [row for row in who_may.TABLE if row.relations != RELATIONS]
LATER = NOW + dt.timedelta(hours=1)


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


# --- How each action is prepared in a state and asked for ---------------------------------------------
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


def _unbind(world: SimpleNamespace, state: str) -> Ask:
    def ask(by: User, relation: str) -> None:
        person = about(world, by, relation)
        if state == "bound":
            SocialAccount.objects.create(user=person, provider=settings.OIDC_ISSUER, uid="1")
        oidc.unbind(person, by=by, at=NOW)

    return ask


def _send_again(world: SimpleNamespace, state: str) -> Ask:
    def ask(by: User, relation: str) -> None:
        person = about(world, by, relation)
        mail = Mail.objects.create(recipient=person, day=TODAY, mail_state=state, send_after=NOW)
        mails.send_again(mail, by=by, at=NOW)

    return ask


def _send_all_again(world: SimpleNamespace, state: str) -> Ask:
    def ask(by: User, relation: str) -> None:
        person = about(world, by, relation)
        Mail.objects.create(recipient=person, day=TODAY, mail_state=state, send_after=NOW)
        mails.send_all_again(by=by, at=NOW)

    return ask


def _take_on(world: SimpleNamespace, state: str) -> Ask:
    rule = {"early": "-7", "last": "+1", "told": "confirmed"}[state]
    programme = factories.ProgrammeFactory(host=world.agencies[HOME])
    Programme.objects.update(state=ProgrammeState.IN_FORCE, in_force_at=NOW)
    task, due_on = factories.PriorityTaskFactory(programme=programme), TODAY + dt.timedelta(days=7)
    duty = factories.AssignmentFactory(task=task, lead=world.agencies[HOME], due_on=due_on)

    def ask(by: User, relation: str) -> None:
        facts = {"kind": "assignment.due", "subject_type": "tasks.assignment", "subject_id": duty.pk}
        when = {"due_on": due_on, "created_at": NOW, "send_after": NOW}
        notice = Notice.objects.create(recipient=about(world, by, relation), rule=rule, **facts, **when)
        outbox.take_on(notice, by=by, at=NOW)

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
    **who_may_certificates.PREPARE,
    "portal.users.invitations.add focal point": _add(Role.FOCAL_POINT),
    "portal.users.invitations.add other post": _add(Role.DEPUTY_HEAD),
    "portal.users.invitations.invite new focal point": _invite(Role.FOCAL_POINT),
    "portal.users.invitations.invite new person": _invite(Role.DEPUTY_HEAD),
    "portal.users.invitations.invite in person": _invite(Role.DEPUTY_HEAD, way="present"),
    "portal.users.invitations.invite again": _invite(Role.FOCAL_POINT, is_new=False),
    "portal.users.invitations.revoke": _invitation,
    "portal.users.oidc.unbind": _unbind,
    "portal.notices.mails.send_again": _send_again,
    "portal.notices.mails.send_all_again": _send_all_again,
    "portal.notices.outbox.take_on": _take_on,
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
