"""What a planned change of agencies still lacks, and what stands in its way on its day."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from portal.agencies.models import AgencyChange
from portal.lib.templatetags.portal_ui import vn_date
from tasks import takeovers
from tasks.models import ChangePlan
from tasks.takeovers import DAY, Part, Person

_K = AgencyChange.Kind


def day_of(plan: ChangePlan, today: dt.date) -> dt.date:
    """Return the day from which people and work are with the successors: what was done until now stands."""
    return max(plan.effective_on, today)


def gaps(plan: ChangePlan, parts: Sequence[Part], people: Sequence[Person], *, today: dt.date) -> list[str]:
    """Say what it lacks before it can be proposed, one sentence each."""
    open_parts = [part for part in parts if part.is_open]
    missing = _shape(plan) + _bodies(plan) + _heirs(parts) + _heads(plan, people, today)
    if open_parts:
        codes = ", ".join(dict.fromkeys(part.assignment.code for part in open_parts))
        missing.append(_("Choose who takes over: %(codes)s.") % {"codes": codes})
    return missing


def obstacles(plan: ChangePlan, people: Sequence[Person], *, today: dt.date) -> list[str]:
    """Say what keeps it from being carried out today."""
    parts = takeovers.parts(plan)
    found = _shape(plan) + _bodies(plan) + _heirs(parts) + _heads(plan, people, today)
    return found + _rounds(plan) + _since_proposed(parts, people) + waits(plan, parts, people)


def _since_proposed(parts: Sequence[Part], people: Sequence[Person]) -> list[str]:
    """What nobody read when it was proposed does not move with it."""
    new = [part.assignment.code for part in parts if part.chosen is None]
    new += [person.post.user.get_full_name() for person in people if not person.is_chosen]
    if not new:
        return []
    words = _("Came up after it was proposed: %(what)s. Take the change back and propose it again.")
    return [words % {"what": ", ".join(dict.fromkeys(new))}]


def waits(plan: ChangePlan, parts: Sequence[Part], people: Sequence[Person]) -> list[str]:
    """Say which successors come by another change that has to be confirmed too."""
    names = ", ".join(agency.name for agency in takeovers.unsure(plan, parts, people))
    words = _("Confirm the other change of this day too, by which these take over: %(agencies)s.")
    return [words % {"agencies": names}] if names else []


def _rounds(plan: ChangePlan) -> list[str]:
    """What is out with the parties is finished by those to whom it went."""
    waiting = {
        _(
            "The programme of %(years)s is out for signing: finish the round or withdraw the paper first."
        ): takeovers.frozen(plan),
        _("The programme of %(years)s is out for comment: end the consultation first."): takeovers.consulting(
            plan
        ),
        _(
            "An amendment of the programme of %(years)s is out for signing: issue it or take it back first."
        ): takeovers.amending(plan),
    }
    return [
        words % {"years": ", ".join(str(programme.year) for programme in found)}
        for words, found in waiting.items()
        if found
    ]


def hanging(error: IntegrityError) -> str:
    """Put into words what the database does not let go."""
    if isinstance(error, ProtectedError):
        kinds = {str(row._meta.verbose_name) for row in error.protected_objects}
        return _("Nothing was moved, for something still hangs on it: %(what)s.") % {
            "what": ", ".join(sorted(kinds))
        }
    first = str(error).partition("\n")[0]
    return _("Nothing was moved, for the database refused it: %(what)s.") % {"what": first}


def _shape(plan: ChangePlan) -> list[str]:
    before, after = plan.predecessors.count(), plan.successors.count()
    if plan.kind == _K.CREATE:
        wrong = before != 0 or after == 0
        return [_("A creation has successors and no predecessor.")] if wrong else []
    if not before:
        return [_("Name the agencies that end or change.")]
    if not after and plan.kind != _K.DISSOLVE:
        return [_("Name at least one successor.")]
    standing = plan.successors.exclude(agency__valid_from=plan.effective_on)
    if plan.kind == _K.MERGE and before < 2 and not standing.exists():
        return [_("A merger has at least two predecessors, or goes into an agency that is there.")]
    if plan.kind == _K.SPLIT and after < 2:
        return [_("A split has at least two successors.")]
    return []


def _bodies(plan: ChangePlan) -> list[str]:
    """Agencies exist on both sides of the day; whoever hosts a programme that runs does not end."""
    day = plan.effective_on
    found = []
    for agency in plan.predecessors.all():
        if (agency.valid_to and agency.valid_to < day - DAY) or (
            agency.valid_from and agency.valid_from >= day
        ):
            found.append(
                _("%(agency)s does not exist on the day before %(day)s.")
                % {"agency": agency.name, "day": vn_date(day)}
            )
    found += [
        _("%(agency)s has ended before %(day)s.") % {"agency": row.agency.name, "day": vn_date(day)}
        for row in plan.successors.select_related("agency")
        if row.agency.valid_to and row.agency.valid_to < day
    ]
    if programmes := takeovers.hosted(plan):
        years = ", ".join(str(programme.year) for programme in programmes)
        found.append(
            _("The host or co-host of the programme of %(years)s cannot end while it runs.")
            % {"years": years}
        )
    return found


def _heirs(parts: Sequence[Part]) -> list[str]:
    lost = [part.assignment.code for part in parts if part.target is None]
    if not lost:
        return []
    codes = ", ".join(dict.fromkeys(lost))
    return [_("Nobody takes over: %(codes)s. Name an agency as successor.") % {"codes": codes}]


def _heads(plan: ChangePlan, people: Sequence[Person], today: dt.date) -> list[str]:
    on = day_of(plan, today)
    return [
        _("%(agency)s would have two heads: choose who leads it.") % {"agency": agency.name}
        for agency in takeovers.two_heads(people, on=on)
    ]
