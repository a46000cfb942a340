"""The filters of the assignment list. Everything is in the address: numbers and codes, no ids.

Status and standing are progress, which not everybody sees of every assignment: a filter on them
finds only rows whose progress the reader sees, or its absence would tell.
"""

import datetime as dt
from collections import Counter
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.templatetags.portal_ui import vn_date
from portal.lib.text import fold
from portal.users.models import User
from tasks import access, lights, standings
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Colour, Coordination, PriorityTask, Solution
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import AssignmentStatus, ProgrammeState

ALL_YEARS = "all"
OPEN = "open"
"""Short for the standings in time and due soon."""

STANDINGS = [
    (OPEN, _("in time or due soon")),
    *((value, label) for value, label in Timeliness.choices if value != Timeliness.NOT_DUE),
    (Timeliness.NOT_DUE.value, Timeliness.NOT_DUE.label),
]
PARTS = [("lead", _("we lead")), ("coordinating", _("we coordinate")), ("any", _("we take part"))]
SORTS = {
    "code": ["task__number", "code"],
    "lead": ["lead__name_sort_key", "code"],
    "due": ["due_on", "code"],
}


def listed(user: User, today: dt.date) -> AssignmentQuerySet:
    """What the list shows the user: rows annotated with `standing` and `progress_visible`."""
    rows = access.with_progress_visible(access.visible_assignments(user), user)
    rows = standings.with_standing(rows, user, today).select_related("programme", "task", "lead")
    return rows.annotate(urged=_times_urged(user))


def _times_urged(user: User) -> Coalesce:
    """How often an assignment was urged about, as far as the reader sees that."""
    seen = access.visible_urgings(user).select_related(None).order_by().filter(assignment=OuterRef("pk"))
    counted = seen.values("assignment").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(counted), 0)


def owed(user: User, today: dt.date) -> AssignmentQuerySet:
    """What is overdue or due within a week, of the programme in force."""
    rows = listed(user, today).filter(programme__state=ProgrammeState.IN_FORCE)
    return rows.filter(standing__in=[Timeliness.OVERDUE, Timeliness.DUE_SOON])


def count_owed(user: User, today: dt.date, year: int) -> Counter[tuple[int, str]]:
    """Count what is owed by (lead agency's key, standing)."""
    return Counter(owed(user, today).filter(programme__year=year).values_list("lead_id", "standing"))


def current_year(user: User) -> int | None:
    """Return the year of the newest programme in force that the user sees, else of the newest."""
    shown = access.visible_programmes(user)
    running = shown.filter(state=ProgrammeState.IN_FORCE).order_by("-year").values_list("year", flat=True)
    return running.first() or shown.order_by("-year").values_list("year", flat=True).first()


class AssignmentFilter(filters.FilterSet):
    """The list's form. `queryset` comes from listed()."""

    year = filters.CharFilter(label=_("Year"), method="by_year")
    task = filters.NumberFilter(label=_("Priority task"), field_name="task__number")
    solution = filters.NumberFilter(label=_("Key solution"), field_name="solutions__number")
    lead = filters.CharFilter(label=_("Lead agency"), field_name="lead__code")
    coordinating = filters.CharFilter(label=_("Coordinating agency"), method="by_coordinating")
    part = filters.ChoiceFilter(label=_("Our part"), choices=PARTS, method="by_part")
    status = filters.MultipleChoiceFilter(
        label=_("Status"), choices=AssignmentStatus.choices, method="by_status"
    )
    standing = filters.MultipleChoiceFilter(label=_("Standing"), choices=STANDINGS, method="by_standing")
    light = filters.ChoiceFilter(label=_("Progress light"), choices=Colour.choices, method="by_light")
    q = filters.CharFilter(label=_("Search"), max_length=200, method="by_words")
    sort = filters.ChoiceFilter(
        label=_("Order"),
        choices=[(f"{sign}{name}", name) for name in SORTS for sign in ("", "-")],
        method="by_order",
    )

    class Meta:
        model = Assignment
        fields: list[str] = []

    def __init__(
        self, data: Any, queryset: AssignmentQuerySet, *, user: User, year: int | None, today: dt.date
    ) -> None:
        """`year` is meant when the address names none; lights are those of the local day `today`."""
        data = data.copy()
        for name in ("status", "standing"):  # “any” is sent as an empty value when no script drops it
            data.setlist(name, [value for value in data.getlist(name) if value])
        if not data.get("year"):
            data["year"] = str(year) if year else ALL_YEARS
        if not data.get("sort"):
            data["sort"] = "code"
        self.user, self.today = user, today
        super().__init__(data, queryset)

    # --- What the template asks ------------------------------------------------------------------
    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The choices as text; several standings that make up “open” count as that one."""
        chosen: dict[str, Any] = {name: self.data.get(name, "") for name in self.filters}
        standings = set(self.data.getlist("standing"))
        both = {Timeliness.NOT_DUE.value, Timeliness.DUE_SOON.value}
        chosen["standing"] = OPEN if standings == both else ",".join(sorted(standings))
        chosen["status"] = ",".join(sorted(set(self.data.getlist("status"))))
        return chosen

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the year and the order was chosen."""
        return any(value for name, value in self.chosen.items() if name not in {"year", "sort"})

    @cached_property
    def years(self) -> list[int]:
        return list(access.visible_programmes(self.user).order_by("-year").values_list("year", flat=True))

    @cached_property
    def tasks(self) -> list[PriorityTask]:
        return list(self._of_year(PriorityTask.objects.all()))

    @cached_property
    def solutions(self) -> list[Solution]:
        return list(self._of_year(Solution.objects.all()))

    @cached_property
    def leads(self) -> list[Agency]:
        shown = access.visible_assignments(self.user)
        if _is_year(self.chosen["year"]):
            shown = shown.filter(programme__year=self.chosen["year"])
        return list(Agency.objects.filter(pk__in=shown.values("lead")).order_by("protocol_order"))

    @cached_property
    def lead_names(self) -> list[tuple[str, str]]:
        """Code and name of each; agencies of one name are told apart by how long they existed."""
        names = Counter(agency.name for agency in self.leads)
        return [(agency.code, _told_apart(agency, names[agency.name])) for agency in self.leads]

    def _of_year(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Tasks and solutions are numbered within a year; over all years their titles differ."""
        if not _is_year(self.chosen["year"]):
            return rows.none()
        shown = access.visible_programmes(self.user).filter(year=self.chosen["year"])
        return rows.filter(programme__in=shown).order_by("number")

    # --- Conditions --------------------------------------------------------------------------------
    def by_year(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        return rows if value == ALL_YEARS else rows.filter(programme__year=value)

    def by_coordinating(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        return rows.filter(_coordinated(agency__code=value))

    def by_part(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        leads, coordinates = Q(lead=self.user.agency_id), _coordinated(agency=self.user.agency_id)
        return rows.filter({"lead": leads, "coordinating": coordinates}.get(value, leads | coordinates))

    def by_status(self, rows: AssignmentQuerySet, name: str, values: list[str]) -> AssignmentQuerySet:
        return rows.filter(progress_visible=True, status__in=values) if values else rows

    def by_standing(self, rows: AssignmentQuerySet, name: str, values: list[str]) -> AssignmentQuerySet:
        if not values:
            return rows
        wanted = set(values)
        if OPEN in wanted:
            wanted |= {Timeliness.NOT_DUE, Timeliness.DUE_SOON}
        return rows.filter(progress_visible=True, standing__in=wanted)

    def by_light(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        """The light that counts: set by hand, else computed, of rows whose progress the reader sees."""
        found = lights.of_colours(rows.filter(progress_visible=True), {value}, self.user, self.today)
        return rows.filter(pk__in=found)

    def by_words(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        """Every word occurs, diacritics and case apart, in code, title or the lead agency's name."""
        for word in fold(value).split():
            rows = rows.filter(Q(folded__contains=word) | Q(lead__name_folded__contains=word))
        return rows

    def by_order(self, rows: AssignmentQuerySet, name: str, value: str) -> AssignmentQuerySet:
        columns = [F(column) for column in SORTS[value.lstrip("-")]]
        if value.startswith("-"):
            return rows.order_by("-programme__year", *(c.desc(nulls_last=True) for c in columns))
        return rows.order_by("-programme__year", *(c.asc(nulls_last=True) for c in columns))

    def filter_queryset(self, queryset: Any) -> Any:
        """Nothing at all for an address that makes no sense: all rows would be a wrong answer."""
        if self.form.errors:
            return queryset.none()
        return super().filter_queryset(queryset)

    def get_form_class(self) -> type[forms.Form]:
        form_class = super().get_form_class()
        form_class.clean_year = _clean_year
        return form_class


def _told_apart(agency: Agency, bearers: int) -> str:
    if bearers == 1:
        return agency.name
    if agency.valid_to:
        return _("%(agency)s (until %(day)s)") % {"agency": agency.name, "day": vn_date(agency.valid_to)}
    return f"{agency.name} ({agency.code})"


def _is_year(text: str) -> bool:
    """Four plain digits: "²" is a digit too, and no number."""
    return len(text) == 4 and text.isascii() and text.isdigit()


def _clean_year(form: forms.Form) -> str:
    year = str(form.cleaned_data["year"])
    if year != ALL_YEARS and not _is_year(year):
        raise ValidationError(_("Give a year, for example 2026."))
    return year


def _coordinated(**agency: Any) -> Q:
    return Q(Exists(Coordination.objects.filter(assignment=OuterRef("pk"), **agency)))
