"""What happens to schemes of several years: entered, amended, ended, and passed on when agencies change.

Lock order: scheme, then milestones.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit import pictures
from portal.audit.events import record
from portal.files.refusals import check_words
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import scheme_access, scheme_reminders
from tasks.models import Scheme
from tasks.states import PENDING_MILESTONE, SCHEME, SchemeState

COLUMNS = (
    *("kind", "title_vi", "title_en", "year_from", "year_to", "lead"),
    *("approval_number", "approved_on", "approval_subject", "approved_by"),
)


@dataclass(frozen=True)
class Facts:
    """What a scheme is: by its columns, and the agencies that coordinate."""

    columns: Mapping[str, Any]
    coordinating: tuple[Agency, ...] = field(default=())


def version_of(scheme: Scheme) -> str:
    """Name what a page shows of it, to be compared when its form comes back."""
    return pictures.version(_picture(scheme))


@action
def enter(facts: Facts, *, by: User, at: dt.datetime) -> Scheme:
    """Enter a scheme with the document that approves it. Raises RuleError for what cannot be one."""
    if not scheme_access.may_keep(by):
        raise PermissionDenied
    scheme = Scheme(**facts.columns)
    _write(scheme, facts, at=at)
    _record("scheme.entered", scheme, by=by, at=at, before={}, after=_picture(scheme))
    return scheme


@action
def amend(scheme: Scheme, *, by: User, at: dt.datetime, facts: Facts, version: str) -> None:
    """Write what it is anew. Raises StaleError when it is no longer as it was shown."""
    hold(scheme, by=by)
    before = _picture(scheme)
    if version != pictures.version(before):
        raise StaleError(_("Someone changed the scheme after you opened the page."))
    for name, value in facts.columns.items():
        setattr(scheme, name, value)
    _check_milestones(scheme)
    _write(scheme, facts, at=at)
    if scheme.lead_id != before["lead"]:
        scheme_reminders.follow_lead(scheme.milestones.all(), at=at)
    changed = pictures.difference(before, _picture(scheme))
    if changed["before"] or changed["after"]:
        _record("scheme.amended", scheme, by=by, at=at, **changed)


@action
def end(scheme: Scheme, *, by: User, at: dt.datetime, outcome: str) -> None:
    """End it with what came of it, once each of its milestones is settled."""
    hold(scheme, by=by)
    words = outcome.strip()
    if not words:
        raise RuleError(_("Say what came of it."))
    check_words(words)
    if count := scheme.milestones.filter(state__in=PENDING_MILESTONE).count():
        raise RuleError(_("Milestones that are not settled yet: %(count)s.") % {"count": count})
    move(scheme, SchemeState.ENDED, SCHEME, outcome=words, ended_at=at)
    _record("scheme.ended", scheme, by=by, at=at)


# --- Agencies that change ---------------------------------------------------------------------------
def open_schemes(agencies: Iterable[int]) -> QuerySet[Scheme]:
    """Return the running schemes in which any of these agencies has a part."""
    keys = list(agencies)
    named = Q(lead__in=keys) | Q(coordinating__in=keys)
    return Scheme.objects.filter(named, state=SchemeState.RUNNING).distinct().order_by("pk")


def pass_on(gone: Iterable[Agency], heirs: Mapping[int, Agency | None], *, by: User, at: dt.datetime) -> int:
    """Let successors lead and coordinate in the place of agencies that end; return in how many schemes.

    Only within the action that carries the change out. What has ended stays with whom it was.
    """
    moves = {agency.pk: heir for agency in gone if (heir := heirs.get(agency.pk))}
    keys = list(open_schemes(moves).values_list("pk", flat=True))
    for scheme in Scheme.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        before = _picture(scheme)
        scheme.lead = moves.get(scheme.lead_id) or scheme.lead
        scheme.save(update_fields=["lead"])
        if scheme.lead_id != before["lead"]:
            scheme_reminders.follow_lead(scheme.milestones.all(), at=at)
        others = [moves.get(agency.pk) or agency for agency in scheme.coordinating.all()]
        scheme.coordinating.set({agency for agency in others if agency.pk != scheme.lead_id})
        changed = pictures.difference(before, _picture(scheme))
        _record("scheme.taken_over", scheme, by=by, at=at, **changed)
    return len(keys)


# --- What each does ---------------------------------------------------------------------------------
def hold(scheme: Scheme, *, by: User) -> None:
    """Lock a running scheme for those who keep it. Raises PermissionDenied, RuleError."""
    if not scheme_access.may_keep(by):
        raise PermissionDenied
    rows = Scheme.objects.select_for_update(of=("self",)).select_related("lead")
    scheme.refresh_from_db(from_queryset=rows)
    if scheme.state != SchemeState.RUNNING:
        raise RuleError(_("The scheme has ended; it stays as it is."))


def _write(scheme: Scheme, facts: Facts, *, at: dt.datetime) -> None:
    check_words(scheme.title_vi, scheme.title_en, scheme.approval_subject)
    if scheme.approved_on > local_day(at):
        raise RuleError(_("The document is dated in the future."))
    if scheme.lead in facts.coordinating:
        raise RuleError(_("The lead agency does not also coordinate."))
    try:
        scheme.full_clean()
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error
    scheme.save()
    scheme.coordinating.set(facts.coordinating)


def _check_milestones(scheme: Scheme) -> None:
    """Milestones lie within the years of their scheme."""
    first, last = dt.date(scheme.year_from, 1, 1), dt.date(scheme.year_to, 12, 31)
    outside = scheme.milestones.filter(Q(due_on__lt=first) | Q(due_on__gt=last)).first()
    if outside:
        raise RuleError(
            _("The milestone “%(title)s” would lie outside the years of the scheme.")
            % {"title": outside.title}
        )


def _picture(scheme: Scheme) -> pictures.Picture:
    return pictures.take(scheme, (*COLUMNS, "coordinating"))


def _record(verb: str, scheme: Scheme, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"scheme": scheme.title_vi, **more}
    record(verb, scheme, by=by, at=at, agency_code=scheme.lead.code, payload=payload)
