"""What must be looked at in a text that may still change: what no longer holds, and what was moved by itself.

Points are found anew each time: one goes when the text is mended, or when somebody has seen it and lets it
stand (SeenPoint). A fixed number of queries.
"""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.agencies.models import Agency, AgencyChange
from portal.lib.dates import local_day
from portal.users.models import HEAD_ROLES, Membership, User
from tasks import milestones
from tasks.loading.shifting import shift_day
from tasks.models import Assignment, Coordination, LegalBasis, MilestoneDuty, Programme, SeenPoint, Signatory
from tasks.states import AssignmentStatus

DAY = dt.timedelta(days=1)
PERIOD = re.compile(r"(?<!\d)(20\d\d)\s*[-–]\s*(20\d\d)(?!\d)")
"""A period of years in a text: “giai đoạn 2021-2025”."""


class Kind(TextChoices):
    BASIS = "basis", gettext_lazy("Legal bases")
    AGENCY = "agency", gettext_lazy("Agencies")
    DAY = "day", gettext_lazy("Days that were moved")
    PERSON = "person", pgettext_lazy("point", "Who signs")
    MILESTONE = "milestone", gettext_lazy("Milestones of schemes")
    TEXT = "text", gettext_lazy("Words of the text")


@dataclass(frozen=True)
class Point:
    """One thing to look at. `key` names what is seen; `about` is the row; `options` are ways to mend it."""

    kind: str
    key: str
    what: str
    where: str
    about: Any = None
    options: Sequence[Any] = ()
    proposed: Any = None
    was: dt.date | None = None
    seen: SeenPoint | None = None

    @property
    def name(self) -> str:
        """Its name in a form."""
        return self.key.replace(":", "_")


@dataclass
class _Facts:
    """A programme's rows, read once."""

    programme: Programme
    duties: list[Assignment]
    parties: list[Signatory]
    shares: list[Coordination]
    bases: list[LegalBasis]
    today: dt.date
    heirs: Mapping[int, list[Agency]] = field(default_factory=dict)

    @property
    def first(self) -> dt.date:
        return dt.date(self.programme.year, 1, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.programme.year_to, 12, 31)


def points(programme: Programme, *, today: dt.date) -> list[Point]:
    """Return every point, seen ones too."""
    duties = programme.assignments.exclude(status=AssignmentStatus.CANCELLED)
    shares = Coordination.objects.filter(assignment__programme=programme)
    facts = _Facts(
        programme,
        list(duties.select_related("lead", "copied_from__programme").order_by("code")),
        list(programme.signatories.select_related("agency").order_by("order")),
        list(shares.select_related("agency", "assignment").order_by("assignment__code", "order")),
        list(programme.bases.prefetch_related("amended_by").order_by("programmebasis__order")),
        today,
    )
    facts.heirs = heirs(facts.last)
    seen = {row.key: row for row in programme.seen_points.select_related("by")}
    found = [*_bases(facts), *_agencies(facts), *_days(facts), *_people(facts), *_milestones(facts)]
    found += _texts(facts)
    return [_with(point, seen.get(point.key)) for point in found]


def open_points(programme: Programme, *, today: dt.date) -> list[Point]:
    """Return those that nobody has settled."""
    return [point for point in points(programme, today=today) if point.seen is None]


def _with(point: Point, seen: SeenPoint | None) -> Point:
    return Point(**{**vars(point), "seen": seen}) if seen else point


# --- Legal bases ------------------------------------------------------------------------------------
def _bases(facts: _Facts) -> Iterator[Point]:
    cited = {basis.pk for basis in facts.bases}
    for basis in facts.bases:
        if basis.effective_to and basis.effective_to < facts.last:
            is_over = basis.effective_to < facts.first
            words = _("In force until %(day)s: it has lapsed.") if is_over else _("It lapses on %(day)s.")
            what = words % {"day": f"{basis.effective_to:%d/%m/%Y}"}
            yield Point(
                Kind.BASIS, f"basis:{basis.pk}:{basis.effective_to}", what, basis.wording, about=basis
            )
        if basis.effective_from and basis.effective_from > facts.last:
            what = _("It comes into force on %(day)s only.") % {"day": f"{basis.effective_from:%d/%m/%Y}"}
            yield Point(
                Kind.BASIS, f"basis:{basis.pk}:{basis.effective_from}", what, basis.wording, about=basis
            )
        for newer in basis.amended_by.all():
            if newer.pk not in cited and not (newer.effective_from and newer.effective_from > facts.last):
                what = _("Amended by %(number)s, which is not cited.") % {
                    "number": newer.number or newer.wording
                }
                key = f"basis:{basis.pk}:by:{newer.pk}"
                yield Point(Kind.BASIS, key, what, basis.wording, about=basis, proposed=newer)


# --- Agencies ---------------------------------------------------------------------------------------
def heirs(day: dt.date) -> dict[int, list[Agency]]:
    """Return to whom each agency that has ended by a day has passed on, through all changes until then.

    First the one with the same name. Three queries.
    """
    changes = AgencyChange.objects.filter(effective_on__lte=day).order_by("effective_on", "pk")
    onward: dict[int, list[Agency]] = defaultdict(list)
    names: dict[int, str] = {}
    for change in changes.prefetch_related("predecessors", "succession_set__agency"):
        rows = [row.agency for row in sorted(change.succession_set.all(), key=lambda row: row.pk)]
        for predecessor in change.predecessors.all():
            names[predecessor.pk] = predecessor.name_vi
            onward[predecessor.pk] += [row for row in rows if row not in onward[predecessor.pk]]
    return {key: _living(key, onward, names[key], day) for key in onward}


def _living(start: int, onward: Mapping[int, list[Agency]], name: str, day: dt.date) -> list[Agency]:
    found: dict[int, Agency] = {}
    waiting, met = list(onward[start]), {start}
    while waiting:
        agency = waiting.pop(0)
        if agency.pk in met:
            continue
        met.add(agency.pk)
        if agency.valid_to is None or agency.valid_to >= day:
            found[agency.pk] = agency
        else:
            waiting += onward.get(agency.pk, [])
    return sorted(found.values(), key=lambda agency: agency.name_vi != name)


def _agencies(facts: _Facts) -> Iterator[Point]:
    programme = facts.programme
    for name, agency in (("host", programme.host), ("co_host", programme.co_host)):
        if agency:
            label = _("Host agency") if name == "host" else _("Co-host")
            yield from _ended(facts, agency, f"{name}:{programme.pk}", label)
    for party in facts.parties:
        yield from _ended(facts, party.agency, f"party:{party.pk}", _("Signatory"), about=party)
    for duty in facts.duties:
        where = _("%(code)s, leads") % {"code": duty.code}
        yield from _ended(facts, duty.lead, f"lead:{duty.pk}", where, about=duty)
    for share in facts.shares:
        where = _("%(code)s, coordinates") % {"code": share.assignment.code}
        yield from _ended(facts, share.agency, f"share:{share.pk}", where, about=share.assignment)


def _ended(facts: _Facts, agency: Agency, place: str, where: str, about: Any = None) -> Iterator[Point]:
    if agency.valid_to is None or agency.valid_to >= facts.last:
        return
    options = facts.heirs.get(agency.pk, [])
    is_over = agency.valid_to < max(facts.first, facts.today)
    words = (
        _("%(agency)s ended on %(day)s.") if is_over else _("%(agency)s ends on %(day)s, within the year.")
    )
    what = words % {"agency": agency.name, "day": f"{agency.valid_to:%d/%m/%Y}"}
    yield Point(
        Kind.AGENCY,
        f"agency:{place}:{agency.pk}",
        what,
        where,
        about=about,
        options=options,
        proposed=options[0] if options else None,
    )


# --- Days -------------------------------------------------------------------------------------------
def _days(facts: _Facts) -> Iterator[Point]:
    programme, source = facts.programme, facts.programme.begun_from
    if source:
        years = programme.year - source.year
        for name, label in (
            ("conference_on", _("Conference")),
            ("signing_closes_on", _("Signing closes on")),
        ):
            was, now = getattr(source, name), getattr(programme, name)
            if was and now == shift_day(was, years):
                yield Point(Kind.DAY, f"day:{name}:{now}", "", label, about=None, was=was, proposed=now)
    for duty in facts.duties:
        origin, now = duty.copied_from, duty.deadline_on
        is_moved = origin is not None and now == shift_day(
            origin.deadline_on, programme.year - origin.programme.year
        )
        if not facts.first <= now <= facts.last:
            what = _("Outside the years of the programme.")
        elif is_moved:
            what = ""
        else:
            continue
        was = origin.deadline_on if origin else None
        yield Point(Kind.DAY, f"day:{duty.pk}:{now}", what, duty.code, about=duty, was=was, proposed=now)


# --- Who signs --------------------------------------------------------------------------------------
def _people(facts: _Facts) -> Iterator[Point]:
    """Whose head is another than when the last programme came into force; and who has none."""
    source = facts.programme.begun_from
    if source is None:
        return
    then = local_day(source.in_force_at) if source.in_force_at else dt.date(source.year, 1, 1)
    posts = Membership.objects.filter(
        agency__in=[party.agency_id for party in facts.parties], role__in=HEAD_ROLES
    ).select_related("user")
    heads: dict[tuple[int, dt.date], User] = {}
    for post in posts.order_by("valid_from", "pk"):
        for day in (then, facts.today):
            if (post.valid_from is None or post.valid_from <= day) and (
                post.valid_to is None or post.valid_to >= day
            ):
                heads[post.agency_id, day] = post.user
    for party in facts.parties:
        before, now = (heads.get((party.agency_id, day)) for day in (then, facts.today))
        if now is None:
            what = _("Nobody heads the agency in the portal.")
        elif before and before.pk != now.pk:
            what = _("%(now)s signs now; %(before)s did before.") % {
                "now": now.get_full_name(),
                "before": before.get_full_name(),
            }
        else:
            continue
        key = f"person:{party.agency_id}:{now.pk if now else 0}"
        yield Point(Kind.PERSON, key, what, party.agency.name, about=party)


# --- Milestones -------------------------------------------------------------------------------------
def _milestones(facts: _Facts) -> Iterator[Point]:
    """Milestones of the year, or of before it, that no duty of the text carries.

    Proposed is the copy of the duty that carries it in the year from which the text was begun.
    """
    wanted = list(milestones.wanted_in(facts.programme))
    ties = MilestoneDuty.objects.filter(milestone__in=wanted).values_list("milestone", "assignment")
    copies = {duty.copied_from_id: duty for duty in facts.duties if duty.copied_from_id}
    proposed = {milestone: copies[duty] for milestone, duty in ties if duty in copies}
    for row in wanted:
        words = (
            _("Due on %(day)s; no duty carries it.")
            if row.due_on >= facts.first
            else _("Was due on %(day)s and is not reached; no duty carries it.")
        )
        what, key = words % {"day": f"{row.due_on:%d/%m/%Y}"}, f"milestone:{row.pk}:{row.due_on}"
        where = f"{row.scheme.title}: {row.title}"
        yield Point(Kind.MILESTONE, key, what, where, about=row, proposed=proposed.get(row.pk))


# --- Words ------------------------------------------------------------------------------------------
def _texts(facts: _Facts) -> Iterator[Point]:
    """Periods of years that are over before the programme begins."""
    programme = facts.programme
    rows: list[tuple[str, str, str]] = [("title", _("Title of the programme"), programme.title_vi)]
    rows += [(f"task.{r.pk}", str(r), r.title_vi) for r in programme.priority_tasks.all()]
    rows += [(f"solution.{r.pk}", str(r), r.title_vi) for r in programme.solutions.all()]
    rows += [(f"clause.{r.pk}", str(r), r.text) for r in programme.clauses.all()]
    rows += [(f"duty.{r.pk}", r.code, r.title_vi) for r in facts.duties]
    for place, where, text in rows:
        over = [found.group() for found in PERIOD.finditer(text) if int(found.group(2)) < programme.year]
        if over:
            what = _("Names a period that is over: %(periods)s.") % {"periods": ", ".join(over)}
            key = f"text:{place}:{_short(text)}"
            yield Point(Kind.TEXT, key, what, where, about=text)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def grouped(found: Iterable[Point]) -> dict[str, list[Point]]:
    """Return points by kind, in the fixed order; kinds without points are left out."""
    of: dict[str, list[Point]] = defaultdict(list)
    for point in found:
        of[point.kind].append(point)
    return {kind.value: of[kind] for kind in Kind if of[kind]}
