"""Papers that let somebody sign who neither heads the agency nor deputises for its head.

The head puts hers on file; where the head is missing, the command records who acts (Q.).
Source: Decree 30/2020/NĐ-CP, art. 13.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from agreements import access, certificate_reminders
from agreements.models import Authorisation, Document
from portal.audit.events import record
from portal.files.uploads import Upload, received
from portal.files.worker.findings import Kind
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import HEAD_ROLES, Membership, Role, User


def usable(user: User, document: Document, *, at: dt.datetime) -> QuerySet[Authorisation]:
    """Papers by which a person may sign a document for the agency of her present post at a moment."""
    rows = Authorisation.objects.usable_on(local_day(at)).covering(document.programme_id)
    return rows.filter(person=user, agency=user.agency_id).order_by("-valid_from", "pk")


def people(user: User, *, at: dt.datetime) -> QuerySet[User]:
    """Return whom a post may put a paper on file for: its own agency's, and for the command who may act."""
    posts = Membership.objects.valid_on(local_day(at)).exclude(role__in=HEAD_ROLES | {Role.ADMINISTRATOR})
    if user.role in HEAD_ROLES:
        posts = posts.filter(agency=user.agency_id)
    rows = User.objects.filter(is_active=True, pk__in=posts.values("user")).exclude(pk=user.pk)
    agency = posts.filter(user=OuterRef("pk")).order_by("-valid_from").values("agency__name_vi")[:1]
    return rows.annotate(agency_name=Subquery(agency)).order_by("name_sort_key", "pk")


def upload(person: User, *, by: User, at: dt.datetime, sent: UploadedFile, **facts: Any) -> Authorisation:
    """Look at the scanned paper, and put it on file.

    No action: the look takes seconds and holds no transaction. What would refuse it anyway is asked
    first, and again when it is kept. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    _check(person, by, facts, at)
    with received(sent, title=facts["reference"], about=person, by=by, at=at) as paper:
        if paper.kind != Kind.PDF:
            raise RuleError(_("Scan the paper as a PDF."))
        return grant(person, by=by, at=at, paper=paper, **facts)


@action
def grant(person: User, *, by: User, at: dt.datetime, paper: Upload, **facts: Any) -> Authorisation:
    """Put a paper on file: `facts` are its fields of Authorisation, from capacity to valid_until."""
    person = User.objects.select_for_update().get(pk=person.pk)
    agency = _check(person, by, facts, at)
    row = Authorisation(
        agency=agency, person=person, file_name=paper.name, recorded_by=by, recorded_at=at, **facts
    )
    try:
        row.validate_constraints(exclude=["file"])
    except ValidationError as refusal:
        raise RuleError(" ".join(refusal.messages)) from refusal
    row.file = paper.keep(at=at)
    row.save()
    certificate_reminders.tell_authorised(certificate_reminders.AUTHORISED, row, by=by, at=at)
    _record("authorisation.granted", row, by=by, at=at)
    return row


@action
def revoke(authorisation: Authorisation, *, by: User, at: dt.datetime, reason: str) -> None:
    """End an authorisation: nobody signs by it any more. What was signed by it stays."""
    if not access.may_revoke_authorisation(by, authorisation):
        raise PermissionDenied
    reason = reasons.given(reason, least=reasons.SENTENCE)
    locked = Authorisation.objects.select_for_update().get(pk=authorisation.pk)
    if locked.revoked_at:
        raise RuleError(_("This authorisation is revoked already."))
    locked.revoked_at, locked.revoked_by, locked.revocation_reason = at, by, reason
    locked.save(update_fields=["revoked_at", "revoked_by", "revocation_reason"])
    certificate_reminders.tell_authorised(certificate_reminders.UNAUTHORISED, locked, by=by, at=at)
    _record("authorisation.revoked", locked, by=by, at=at, reason=reason)


def _check(person: User, by: User, facts: Mapping[str, Any], at: dt.datetime) -> Any:
    """Return the agency for which the person is to sign. Raises PermissionDenied, RuleError."""
    if not access.may_authorise(by, person, facts["capacity"]) or person.post is None:
        raise PermissionDenied
    if person.role in HEAD_ROLES:
        raise RuleError(_("The head signs as head; no paper is needed."))
    if person.role == Role.DEPUTY_HEAD and facts["capacity"] != Authorisation.Capacity.Q:
        raise RuleError(_("A deputy signs KT., never TUQ. or TL.: hand the document over instead."))
    if facts["dated_on"] > local_day(at) or facts["dated_on"] > facts["valid_from"]:
        raise RuleError(_("The paper is dated today or earlier, and no later than its first valid day."))
    return person.post.agency


def _record(verb: str, row: Authorisation, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {
        "person": row.person_id,
        "capacity": row.capacity,
        "reference": row.reference,
        "sha256": row.file_id,
        **more,
    }
    record(verb, row, by=by, at=at, agency_code=row.agency.code, payload=payload)
