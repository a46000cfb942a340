"""Forms of conferences: shapes only; rules are asked in the actions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agreements import conference_access as access
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.conferences import Guest, Item, Plan, version_of
from agreements.discussions import Place, Said
from agreements.models import Conference, Contribution, InvitedAgency
from portal.agencies.models import Agency
from portal.lib.dates import LOCAL
from portal.lib.fields import DayField, WordsField, offer, offer_choices
from portal.lib.text import LineField
from portal.users.models import User
from tasks import groups, parties
from tasks.models import Clause, PriorityTask, Programme, Solution, StandingGroup

SPARE = 3
"""Empty lines under the agenda and the guests; saving the page brings as many again."""


def _time(label: Any, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time"}, format="%H:%M"), **kwargs)


# --- The plan -----------------------------------------------------------------------------------------
class ItemForm(forms.Form):
    """One line of the agenda; without a title it is left out."""

    starts = _time(_("Time"), required=False)
    title = LineField(label=_("Item"), max_length=300, required=False)
    presenter = LineField(label=_("Who presents"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("title") and (said.get("starts") or said.get("presenter")):
            self.add_error("title", _now("Say what is on the agenda then."))
        return said


class GuestForm(forms.Form):
    """One guest; without a name the line is left out."""

    name = LineField(label=_("Full name"), max_length=120, required=False)
    position = LineField(label=_("Position"), max_length=120, required=False)
    organisation = LineField(label=_("Organisation"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("name") and (said.get("position") or said.get("organisation")):
            self.add_error("name", _now("Write the guest's name."))
        return said


class FactsForm(forms.Form):
    """When, where, who presides, and which agencies are invited."""

    version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind of meeting"), choices=Conference.Kind.choices)
    group: "forms.ModelChoiceField[StandingGroup]" = forms.ModelChoiceField(
        None,
        label=_("Standing group (optional)"),
        required=False,
        empty_label=_("none: a meeting of the programme"),
        help_text=_("Only its members are invited then, and its decisions go into its plan."),
    )
    title = LineField(
        label=_("Title of the conference"), max_length=300, help_text=_("As printed on the invitation.")
    )
    on = DayField(label=_("Day"))
    starts = _time(_("Begins at"))
    place = LineField(label=_("Place"), max_length=300)
    chair: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(None, label=_("Chair"))
    secretary: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(None, label=_("Secretary"))
    delegates_until = DayField(label=_("Agencies name delegates until"))
    agencies: "forms.ModelMultipleChoiceField[Agency]" = forms.ModelMultipleChoiceField(
        None, label=_("Invited agencies"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        today: dt.date,
        conference: Conference | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, roles in (("chair", access.CHAIRS), ("secretary", access.SECRETARIES)):
            offer(self, name, access.may_hold(programme.host, roles, today))
        offer(self, "group", StandingGroup.objects.filter(host=programme.host, ended_on=None))
        offer(self, "agencies", _invitable(programme, conference, today))


def _invitable(programme: Programme, conference: Conference | None, today: dt.date) -> QuerySet[Agency]:
    """Every agency that exists but the host, and those that are invited already, whatever became of them."""
    there = Q(pk__in=access.may_be_invited(today).order_by().values("pk")) & ~Q(pk=programme.host_id)
    if conference is not None:
        there |= Q(pk__in=conference.invited.order_by().values("agency"))
    return Agency.objects.filter(there).order_by("protocol_order", "code")


class PlanForms:
    """The plan's three forms, as sent or as they stand: facts, agenda, guests."""

    def __init__(
        self,
        data: Any,
        *,
        programme: Programme,
        today: dt.date,
        conference: Conference | None = None,
        kind: str = Conference.Kind.ANNUAL,
        group: StandingGroup | None = None,
    ) -> None:
        given: dict[str, Any] = {"programme": programme, "today": today, "conference": conference}
        self.facts = FactsForm(data, initial=_facts(programme, conference, kind, group, today), **given)
        agenda, guests = _lines(conference)
        item_set, guest_set = (forms.formset_factory(form, extra=SPARE) for form in (ItemForm, GuestForm))
        self.agenda = item_set(data, initial=agenda, prefix="agenda")
        self.guests = guest_set(data, initial=guests, prefix="guests")

    def is_valid(self) -> bool:
        return all([self.facts.is_valid(), self.agenda.is_valid(), self.guests.is_valid()])

    @property
    def errors(self) -> bool:
        """Whether something stands to be mended, of forms that were sent."""
        return bool(self.facts.errors or any(self.agenda.errors) or any(self.guests.errors))

    @property
    def plan(self) -> Plan:
        """What was typed, of valid forms."""
        said = dict(self.facts.cleaned_data)
        starts_at = dt.datetime.combine(said.pop("on"), said.pop("starts"), LOCAL)
        said.pop("version")
        items = [form.cleaned_data for form in self.agenda if form.cleaned_data.get("title")]
        people = [form.cleaned_data for form in self.guests if form.cleaned_data.get("name")]
        return Plan(
            starts_at=starts_at,
            agenda=tuple(Item(**item) for item in items),
            guests=tuple(Guest(**person) for person in people),
            **said,
        )


def _facts(
    programme: Programme, row: Conference | None, kind: str, group: StandingGroup | None, today: dt.date
) -> dict[str, Any]:
    """What the plan's form begins with; `kind` and `group` are those of a new one."""
    if row is None and group:
        members = [agency.pk for agency in groups.members(group, today) if agency.pk != programme.host_id]
        what = Conference.Kind.BRIEFING
        return {
            "kind": what, "group": group, "title": f"Giao ban {group.name}", "starts": dt.time(8, 0),
            "agencies": members,
        }  # fmt: skip
    if row is None and kind == Conference.Kind.BRIEFING:
        title = f"Giao ban thực hiện Chương trình phối hợp năm {programme.year}"
        return {"kind": kind, "title": title, "starts": dt.time(8, 0)}
    if row is None:
        return {
            "title": f"Hội nghị phối hợp triển khai nhiệm vụ quân sự, quốc phòng năm {programme.year}",
            "on": programme.conference_on,
            "starts": dt.time(8, 0),
            "agencies": parties.ids(programme) - {programme.host_id},
        }
    local = row.starts_at.astimezone(LOCAL)
    names = ("kind", "group", "title", "place", "chair", "secretary", "delegates_until")
    return {name: getattr(row, name) for name in names} | {
        "version": version_of(row),
        "on": local.date(),
        "starts": local.time(),
        "agencies": row.invited.values_list("agency", flat=True),
    }


def _lines(row: Conference | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if row is None:
        return [], []
    agenda = [vars(Item(one.title, one.starts, one.presenter)) for one in row.agenda.all()]
    people = row.attendances.filter(agency=None)
    return agenda, [vars(Guest(one.name, one.position, one.organisation)) for one in people]


# --- What an agency answers -----------------------------------------------------------------------------
class DelegateForm(forms.Form):
    """Somebody the agency sends."""

    name = LineField(label=_("Full name"), max_length=120)
    position = LineField(label=_("Position"), max_length=120)
    substitute_for = LineField(
        label=_("In place of (optional)"),
        max_length=160,
        required=False,
        help_text=_("Whom the invitation means, where a deputy comes."),
    )

    @property
    def given(self) -> dict[str, Any]:
        return {"delegate": Delegate(**self.cleaned_data)}


class ExcuseForm(forms.Form):
    """Why nobody comes; empty takes it back."""

    reason = LineField(label=_("Why nobody can come"), max_length=500, required=False)
    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data


class AgreeForm(forms.Form):
    """How far the agency agrees; anything but full agreement says why."""

    assent = forms.ChoiceField(
        label=_("The agency"), choices=InvitedAgency.Assent.choices, widget=forms.RadioSelect
    )
    reservation = WordsField(label=_("Reservation, or why it does not agree"), required=False)
    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        needs = said.get("assent") in {InvitedAgency.Assent.MOSTLY, InvitedAgency.Assent.NONE}
        if needs and not said.get("reservation"):
            self.add_error("reservation", _now("Write the reservation, or why the agency does not agree."))
        return said

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data


class SaidForm(forms.Form):
    """A contribution. What it speaks of may be any place of the text that the reader sees, or was sent."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Contribution.Kind.choices, initial="point")
    about = forms.ChoiceField(label=_("About"), required=False)
    speaker = LineField(label=_("Speaker (optional)"), max_length=160, required=False)
    text = WordsField(label=_("What is said"), rows=4)

    def __init__(self, *args: Any, places: Sequence[tuple[str, Sequence[Place]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: dict[str, Clause | PriorityTask | Solution] = {}
        groups: list[Any] = [("", _now("the whole"))]
        for heading, rows in places:
            named = {f"{row.about._meta.model_name}-{row.about.pk}": row for row in rows}
            self.places |= {key: row.about for key, row in named.items()}
            groups.append((heading, [(key, _short(row.words)) for key, row in named.items()]))
        offer_choices(self, "about", groups)

    @property
    def given(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return {"said": Said(about=self.places.get(said.pop("about")), **said)}


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79].rstrip()}…"


# --- Conclusions and minutes ------------------------------------------------------------------------------
class ConclusionForm(forms.Form):
    """A conclusion; with agency, task and day it can become an assignment."""

    text = WordsField(label=_("Conclusion"))
    owner: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(
        None, label=_("Agency in charge"), required=False
    )
    task: "forms.ModelChoiceField[PriorityTask]" = forms.ModelChoiceField(
        None, label=_("Priority task"), required=False
    )
    due_on = DayField(label=_("Deadline"), required=False)

    def __init__(self, *args: Any, programme: Programme, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "owner", access.may_be_invited(today))
        offer(self, "task", programme.priority_tasks.all())

    @property
    def given(self) -> dict[str, Any]:
        return {"concluded": Concluded(**self.cleaned_data)}


class MinutesForm(forms.Form):
    """Every section of the minutes as text, and when the conference ended."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)
    ended = _time(_("Ended at"), required=False, help_text=_("On the day of the conference."))

    def __init__(self, data: Any = None, *, conference: Conference, parts: Any) -> None:
        ended = conference.ended_at.astimezone(LOCAL).time() if conference.ended_at else None
        super().__init__(data, initial={"version": version_of(conference), "ended": ended})
        self.conference, self.parts = conference, parts
        for part in parts:
            rows = min(2 + len(part.text) // 110 + part.text.count("\n"), 16)
            self.fields[f"text_{part.section}"] = forms.CharField(
                label=part.section.label,
                required=False,
                max_length=100_000,
                initial=part.text,
                widget=forms.Textarea({"rows": rows}),
            )

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(part, self[f"text_{part.section}"]) for part in self.parts]

    @property
    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        day = self.conference.starts_at.astimezone(LOCAL).date()
        ended = dt.datetime.combine(day, said["ended"], LOCAL) if said["ended"] else None
        texts = {part.section.value: said[f"text_{part.section}"] for part in self.parts}
        return {"texts": texts, "ended_at": ended, "version": said["version"]}


class StepForm(forms.Form):
    """A button. `version` is the revision that the person saw."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data


class ReopenForm(StepForm):
    """Open the minutes again, with the reason."""

    reason = WordsField(label=_("Reason"), rows=2, min_length=5)


class CallOffForm(StepForm):
    """Call the conference off, with the reason."""

    reason = WordsField(label=_("Reason"), rows=2, min_length=5)


class SignForm(forms.Form):
    """Confirm exactly what was shown."""

    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)

    @property
    def given(self) -> dict[str, Any]:
        return {"shown_sha256": self.cleaned_data["sha256"]}
