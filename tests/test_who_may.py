"""Every cell of tests/who_may.py about an agency's things: done, refused by a rule, or not allowed."""

import datetime as dt
import hashlib
import importlib
import inspect
import io
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from agreements import amendments, documents, endings, keys, pki, signing
from agreements.models import Conference, Document
from portal.dashboards import handovers
from portal.dashboards.handovers import Change, Post
from portal.dashboards.trail import exports
from portal.files import recalls, store, uploads
from portal.files.models import Recall, StoredFile
from portal.files.worker.findings import Kind
from portal.lib.errors import RuleError
from portal.users.models import Role, User
from portal.users.records import Handover
from tasks import assignments, evidence, pauses, periods, programmes
from tasks.models import Assignment, Clause, Evidence, ExtensionRequest, Programme, Report, Signatory
from tests import (
    factories,
    who_may,
    who_may_amendments,
    who_may_rows,
)
from tests.factories import NOW, TODAY
from tests.source import BASE
from tests.who_may import TABLE
from tests.who_may_asking import ASKING
from tests.who_may_methods import METHODS
from tests.who_may_rounds import REASON, Ask, document_ask, in_state, paper, signed_by_heads, signed_by_hosts
from tests.who_may_rows import RELATIONS, ROLES, Row
from tests.who_may_unasked import NOT_ASKED, OWN

TOMORROW = TODAY + dt.timedelta(days=1)
STATE_FIELD = {
    who_may_rows.PROGRAMME: Programme,
    who_may_rows.DOCUMENT: Document,
    who_may_rows.ASSIGNMENT: Assignment,
    who_may_rows.EXTENSION: ExtensionRequest,
    who_may_rows.REPORT: Report,
    who_may_rows.CONFERENCE: Conference,
}
ROWS = [row for row in TABLE if row.relations == RELATIONS]


# --- The world: eight posts in each of five agencies ------------------------------------------------
@pytest.fixture
def world(db, settings, tmp_path) -> SimpleNamespace:
    settings.PKI_DIR, settings.FILES_DIR, settings.DATA_DIR = tmp_path / "pki", tmp_path / "files", tmp_path
    settings.QUARANTINE_DIR = tmp_path / "quarantine"
    agencies = {name: factories.AgencyFactory(code=name.upper()) for name in RELATIONS}
    front = factories.AgencyFactory(code="FRONT")
    host = agencies["host"]
    programme = factories.ProgrammeFactory(host=host, co_host=front, signing_closes_on=TODAY)
    for order, agency in enumerate([*(a for n, a in agencies.items() if n != "outside"), front], 1):
        place = Signatory.Place.MAIN if agency in {host, front} else Signatory.Place.ANNEX
        factories.SignatoryFactory(programme=programme, agency=agency, order=order, place=place)
    factories.ClauseFactory(programme=programme, section=Clause.Section.ORGANISATION, number=1)
    row = factories.AssignmentFactory(
        task=factories.PriorityTaskFactory(programme=programme, number=1),
        code="1.01",
        lead=agencies["lead"],
        status="draft",
    )
    factories.CoordinationFactory(assignment=row, agency=agencies["coordinating"])
    return SimpleNamespace(
        agencies=agencies, front=front, programme=programme, assignment=row, people=_people(agencies)
    )


def _people(agencies: dict[str, Any]) -> dict[tuple[str, str], User]:
    """Everybody; posts that end some day, for an agency has one head without an end."""
    people = {}
    for relation, agency in agencies.items():
        for role in ROLES:
            user = factories.UserFactory()
            factories.MembershipFactory(user=user, agency=agency, role=role, valid_to=dt.date(2099, 1, 1))
            people[relation, role] = user
    return people


# --- How each action is prepared in a state and asked for ---------------------------------------------
def _programme(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, state)
        return lambda by: act(Programme.objects.get(pk=world.programme.pk), by=by, at=NOW, **given)

    return prepare


def _assignment(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, "in_force")
        in_state(world.assignment, state, "status")
        return lambda by: act(Assignment.objects.get(pk=world.assignment.pk), by=by, at=NOW, **given)

    return prepare


def _cancel(world: SimpleNamespace, state: str) -> Ask:
    Assignment.objects.filter(pk=world.assignment.pk).update(is_added=True, conclusion_id=7)
    return _assignment(assignments.cancel, reason=REASON)(world, state)


def _issued(world: SimpleNamespace) -> Document:
    """The programme in force, its paper issued."""
    document = in_state(paper(world), "issued")
    world.programme = in_state(world.programme, "in_force")
    in_state(world.assignment, "assigned", "status")
    return document


def _propose(world: SimpleNamespace, state: str) -> Ask:
    _issued(world)
    return _programme(amendments.propose, reason=REASON, closes_on=TODAY)(world, state)


def _put(world: SimpleNamespace, state: str) -> Ask:
    return who_may_amendments.drafted(who_may_amendments.put(world), _issued)(world, state)


def _take_back(world: SimpleNamespace, state: str) -> Ask:
    document = paper(world)
    Document.objects.filter(pk=document.pk).update(kind="amendment")
    in_state(document, state)
    return lambda by: amendments.take_back(Document.objects.get(pk=document.pk), by=by, at=NOW, reason=REASON)


def _issue_amendment(world: SimpleNamespace, state: str) -> Ask:
    _issued(world)
    commander = world.people["host", "commander"]
    document = amendments.freeze(who_may_amendments.proposed(world), by=commander, at=NOW)
    who_may_amendments.signed_by_all(document, commander)
    in_state(document, state)
    given = {"number": 2, "issued_on": TODAY}
    return lambda by: amendments.issue(Document.objects.get(pk=document.pk), by=by, at=NOW, **given)


def _force(world: SimpleNamespace, state: str) -> Ask:
    document = signed_by_hosts(world, paper(world))
    in_state(document, "signing")
    in_state(world.programme, state)
    return lambda by: documents.bring_into_force(Document.objects.get(pk=document.pk), by=by, at=NOW)


PIN = keys.derive_pin("2468-1357", n=2**10)


def _sign(posts: set[Role], *, for_agency: bool = False) -> Callable[[SimpleNamespace, str], Ask]:
    """With a key for these posts, so that nobody is refused for want of one."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, "settled")
        officer = world.people["host", "programme_officer"]
        settled = Programme.objects.get(pk=world.programme.pk)
        document = documents.freeze(settled, by=officer, at=NOW, agency_marks=for_agency)
        if for_agency:
            signed_by_heads(world, document)
        document = in_state(document, state)

        def ask(by: User) -> None:
            key = keys.SigningKey(b"", keys.generate_key(), ())
            if by.role in posts:
                factories.certify(by, pin=PIN, at=NOW, for_agency=for_agency)
                held = pki.current_credential(by, at=NOW, for_agency=for_agency)
                key = pki.unlock(held, PIN, by=by, at=NOW)
            signing.append(
                document,
                by=by,
                key=key,
                shown_sha256=document.frozen_id,
                request_key=uuid.uuid4(),
                at=NOW,
                grounds=REASON,
                for_agency=for_agency,
            )

        return ask

    return prepare


def _stored(world: SimpleNamespace, content: bytes = b"content") -> StoredFile:
    return store.put(content, media_type="text/plain; charset=utf-8", at=NOW)


def _add_evidence(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    in_state(world.assignment, state, "status")
    content = b"content"
    file = io.BytesIO(content)
    sent = uploads.Upload(file, "a.txt", hashlib.sha256(content).hexdigest(), len(content), Kind.TEXT)
    row = Assignment.objects.select_related("programme").get(pk=world.assignment.pk)
    return lambda by: evidence.add(row, by=by, at=NOW, upload=sent, title="Biên bản")


def _withdraw_evidence(owner: str) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, "in_force")
        in_state(world.assignment, state, "status")
        file, agency = _stored(world), world.agencies[owner]
        row = factories.EvidenceFactory(assignment=world.assignment, agency=agency, file=file)
        return lambda by: evidence.withdraw(Evidence.objects.get(pk=row.pk), by=by, at=NOW, reason=REASON)

    return prepare


def _recall(act: Callable[..., Any]) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        file = paper(world).frozen if state == "signed" else _stored(world)
        if state == "recalled":
            by = world.people["host", "programme_officer"]
            Recall.objects.create(file=file, by=by, at=NOW, reason=REASON)
        row = factories.EvidenceFactory(assignment=world.assignment, agency=world.agencies["lead"], file=file)
        thing = row if act is evidence.recall else file
        return lambda by: act(thing, by=by, at=NOW, reason=REASON)

    return prepare


def _export(world: SimpleNamespace, state: str) -> Ask:
    return lambda by: exports.note(by, at=NOW, chosen={}, count=1, file_format="csv")


def _hand_over(world: SimpleNamespace, state: str) -> Ask:
    """The lead's deputy head goes; in the state `coming` that is settled already."""
    held = world.people["lead", "deputy_head"].memberships.get()
    post = Post(held.agency, Role.DEPUTY_HEAD, held)
    if state == "coming":
        _handed_over(world, post)

    def ask(by: User) -> None:
        person = User(username="moi", full_name="Lý Văn Kế", email="ke@example.vn")
        handovers.hand_over(post, Change(person, TODAY, "", ""), by=by, at=NOW)

    return ask


def _handed_over(world: SimpleNamespace, post: Post, starts_on: dt.date = TOMORROW) -> Handover:
    admin = world.people["host", "administrator"]
    person = User(username="ketiep", full_name="Mai Văn Tiếp", email="tiep@example.vn")
    handovers.hand_over(post, Change(person, starts_on, "", ""), by=admin, at=NOW)
    return Handover.objects.get()


def _undo(world: SimpleNamespace, state: str) -> Ask:
    held = world.people["lead", "deputy_head"].memberships.get()
    starts_on = TODAY if state == "begun" else TOMORROW
    made = _handed_over(world, Post(held.agency, Role.DEPUTY_HEAD, held), starts_on)
    if state == "undone":
        handovers.undo(made, by=world.people["host", "administrator"], at=NOW)
    return lambda by: handovers.undo(Handover.objects.get(pk=made.pk), by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.programmes.settle": _programme(programmes.settle),
    "tasks.programmes.reopen": _programme(programmes.reopen),
    "tasks.programmes.bring_into_force": _programme(programmes.bring_into_force),
    "tasks.programmes.close": _programme(programmes.close),
    "tasks.programmes.terminate": _programme(programmes.terminate, reason=REASON),
    "tasks.periods.generate": _programme(periods.generate),
    "tasks.assignments.accept": _assignment(assignments.accept),
    "tasks.assignments.return_to_command": _assignment(assignments.return_to_command, reason=REASON),
    "tasks.assignments.report_progress": _assignment(assignments.report_progress, actual=1, percent=10),
    "tasks.assignments.submit_to_head": _assignment(assignments.submit_to_head, result_text="Xong."),
    "tasks.assignments.approve": _assignment(assignments.approve),
    "tasks.assignments.send_back": _assignment(assignments.send_back, reason=REASON),
    "tasks.assignments.confirm": _assignment(assignments.confirm),
    "tasks.assignments.reject": _assignment(assignments.reject, reason=REASON),
    "tasks.assignments.assign_again": _assignment(assignments.assign_again, reason=REASON),
    "tasks.assignments.cancel": _cancel,
    "tasks.pauses.suspend": _assignment(pauses.suspend, reason=REASON),
    "tasks.pauses.resume": _assignment(pauses.resume, reason=REASON),
    "agreements.documents._freeze": _programme(documents.freeze),
    "agreements.documents.open_round": document_ask(documents.open_round),
    "agreements.documents.withdraw": document_ask(documents.withdraw, reason=REASON),
    "agreements.documents.bring_into_force": _force,
    "agreements.documents.close_round": document_ask(documents.close_round, programme="in_force"),
    "agreements.documents.issue": document_ask(documents.issue, number=1, issued_on=TODAY),
    "agreements.endings.supersede": document_ask(endings.supersede, **who_may_amendments.DECISION),
    "agreements.endings.terminate": document_ask(endings.terminate, **who_may_amendments.DECISION),
    "agreements.amendments.propose": _propose,
    "agreements.amendments.put": _put,
    "agreements.amendments.leave": who_may_amendments.drafted(amendments.leave, _issued, code="1.01"),
    "agreements.amendments.drop": who_may_amendments.drafted(amendments.drop, _issued),
    "agreements.amendments._freeze": who_may_amendments.drafted(amendments.freeze, _issued),
    "agreements.amendments.take_back": _take_back,
    "agreements.amendments.issue": _issue_amendment,
    "agreements.signing.append": _sign({Role.COMMANDER, Role.AGENCY_HEAD, Role.DEPUTY_HEAD}),
    "agreements.signing.append agency": _sign(
        {Role.COMMANDER, Role.AGENCY_HEAD, Role.RECORDS_CLERK}, for_agency=True
    ),
    **{key: ask for one in ASKING for key, ask in one.PREPARE.items()},
    **METHODS,
    "tasks.evidence.add": _add_evidence,
    "tasks.evidence.withdraw lead": _withdraw_evidence("lead"),
    "tasks.evidence.withdraw coordinating": _withdraw_evidence("coordinating"),
    "tasks.evidence.recall": _recall(evidence.recall),
    "portal.files.recalls.recall": _recall(recalls.recall),
    "portal.dashboards.trail.exports.note": _export,
    "portal.dashboards.handovers.hand_over": _hand_over,
    "portal.dashboards.handovers.undo": _undo,
}
"""One line an action: how its object is put into a state, and how it is asked for."""


def outcome(ask: Ask, by: User) -> str:
    """Ask once, take back whatever it did, and say how it ended."""
    try:
        with transaction.atomic():
            ask(User.objects.get(pk=by.pk))
            transaction.set_rollback(True)
    except PermissionDenied:
        return "not allowed"
    except RuleError:
        return "rule"
    return "done"


def expected(row: Row, state: str, relation: str, role: str) -> str:
    if not row.may(relation, role):
        return "not allowed"
    return "done" if state in row.done else "rule"


@pytest.mark.parametrize(
    ("row", "state"),
    [pytest.param(row, state, id=f"{row.key}-{state}") for row in ROWS for state in row.states],
)
def test_every_post_in_every_agency(row: Row, state: str, world: SimpleNamespace) -> None:
    ask = PREPARE[row.key](world, state)
    found = {who: outcome(ask, user) for who, user in world.people.items()}
    assert found == {who: expected(row, state, *who) for who in world.people}


# --- The table is whole, and so is its page -----------------------------------------------------------
def test_every_action_has_a_row() -> None:
    found = dict(who_may.actions())
    known = {row.action for row in TABLE} | set(NOT_ASKED) | set(OWN)
    missing = {name: place for name, place in found.items() if name not in known}
    assert not missing, "give each a Row in tests/who_may.py and a line in PREPARE, or a reason in NOT_ASKED"
    assert not known - set(found), "these are no actions any more"


def test_every_row_is_asked() -> None:
    assert set(PREPARE) == {row.key for row in ROWS}
    assert len(ROWS) == len({row.key for row in ROWS})


def test_what_is_ones_own_takes_no_second_person() -> None:
    """No `by` beside the person: or, as with a password, the portal's only caller gives the same twice."""
    for name in OWN:
        module, _dot, function = name.rpartition(".")
        given = inspect.signature(getattr(importlib.import_module(module), function)).parameters
        assert "by" not in given or name == "portal.users.passwords.change", name


def test_roles_and_states_are_all_there() -> None:
    assert set(ROLES) == {role.value for role in Role}
    for states, model in STATE_FIELD.items():
        name = "status" if model is Assignment else "state"
        assert set(states) == {value for value, _label in model._meta.get_field(name).choices}


def test_the_page_is_up_to_date() -> None:
    written = (BASE / "docs/who-may.md").read_text()
    assert written == who_may.page(), "write it anew with: python -m tests.who_may (or make docs)"
