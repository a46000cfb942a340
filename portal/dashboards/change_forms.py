"""Forms of the pages on which a change of agencies is prepared: shapes only."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MinValueValidator, RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency, AgencyChange, AgencyKind
from portal.lib.fields import offer
from portal.lib.text import LineField
from portal.users.entry_forms import DayInput
from tasks.changes import Choices, Facts
from tasks.models import ChangePlan
from tasks.takeovers import ENDS, Part, Person

COLUMNS = (
    *("kind", "effective_on", "title_vi", "title_en"),
    *("legal_document", "document_on", "document_subject"),
)


class AgenciesField(forms.ModelMultipleChoiceField):
    """Some agencies of the register; four names survive as other bodies, so the code stands beside."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Agency) -> str:
        return f"{obj.name} ({obj.code})"


class ChangeForm(forms.Form):
    """What changes, by which document, from which day; who ends, and who of the register takes over."""

    kind = forms.ChoiceField(label=_("Kind of change"), choices=AgencyChange.Kind.choices)
    effective_on = forms.DateField(
        label=_("Effective on"),
        widget=DayInput,
        help_text=_("The first day of the successors."),
        validators=[MinValueValidator(dt.date(2000, 1, 1))],
    )
    title_vi = LineField(
        label=_("Title in Vietnamese"),
        max_length=300,
        help_text=_("For example: Hợp nhất Sở Tài chính và Sở Kế hoạch và Đầu tư."),
    )
    title_en = LineField(label=_("Title in English"), max_length=300, required=False)
    legal_document = LineField(
        label=_("Number and symbol of the legal document"),
        max_length=300,
        help_text=_("For example 125/QĐ-UBND."),
    )
    document_on = forms.DateField(label=_("Date of the document"), widget=DayInput)
    document_subject = LineField(label=_("Subject of the document"), max_length=300)
    predecessors = AgenciesField(
        None,  # __init__ is given the agencies
        label=_("Agencies that end or give something away"),
        required=False,
        help_text=_("One that goes on is chosen below too."),
    )
    successors = AgenciesField(
        None,
        label=_("Agencies that take over"),
        required=False,
        help_text=_("A new agency that the register has not is entered on the next page."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("predecessors", "successors"):
            offer(self, name, agencies.order_by("protocol_order", "name_sort_key", "code"))

    def facts(self) -> Facts:
        values = self.cleaned_data
        return Facts(
            {name: values[name] for name in COLUMNS},
            tuple(values["predecessors"]),
            tuple(values["successors"]),
        )


def initial_of(plan: ChangePlan, *, version: str) -> dict[str, Any]:
    """Return what the form shows of a plan."""
    successors = [row.agency for row in plan.successors.select_related("agency").order_by("pk")]
    columns = {name: getattr(plan, name) for name in COLUMNS}
    sides = {"predecessors": list(plan.predecessors.all()), "successors": successors}
    return columns | sides | {"version": version}


class SuccessorForm(forms.Form):
    """An agency that begins with the change."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Capital letters, digits and hyphens only."))],
        help_text=_("Key of the record, for example SNV-2025. It never changes."),
    )
    symbol = LineField(label=_("Symbol in papers"), max_length=30, required=False)
    name_vi = LineField(label=_("Name in Vietnamese"), max_length=200)
    name_en = LineField(label=_("Name in English"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=AgencyKind.choices)
    parent: Any = forms.ModelChoiceField(None, label=_("Superior agency"), required=False)
    header_parent = LineField(label=_("Superior body in the paper's head"), max_length=200, required=False)
    signature_block = forms.CharField(
        label=_("Signature block"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Lines above the head's signature, one a line, for example GIÁM ĐỐC."),
    )
    note = LineField(label=_("What passes to it"), max_length=300, required=False)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "parent", agencies.order_by("protocol_order", "name_sort_key"))

    def agency(self, *, protocol_order: int) -> Agency:
        values = {name: value for name, value in self.cleaned_data.items() if name not in {"note", "version"}}
        return Agency(**values, protocol_order=protocol_order)


class ChoicesForm(forms.Form):
    """Who takes over each assignment, and what becomes of each post; the proposal is filled in."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, parts: Sequence[Part], people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts, self.people = parts, people
        for part in parts:
            if len(part.options) > 1:
                self.fields[part.key] = _choice(
                    [(str(agency.pk), _marked(agency, part.proposed)) for agency in part.options],
                    initial=str(part.target.pk) if part.target else "",
                    label=f"{part.assignment.code}, {part.predecessor.code}",
                )
        for person in people:
            choices = [(value, f"{agency.name} – {role.label}") for value, agency, role in person.options]
            self.fields[person.key] = _choice(
                [*choices, (ENDS, _("the post ends"))],
                initial=person.value,
                label=person.post.user.get_full_name(),
            )

    def choices(self) -> Choices:
        values = self.cleaned_data
        duties = {
            (part.assignment.pk, part.predecessor.pk): int(values[part.key])
            for part in self.parts
            if values.get(part.key)
        }
        return Choices(
            duties, {row.post.pk: _place(values[row.key]) for row in self.people if values.get(row.key)}
        )


def _choice(choices: Sequence[tuple[str, Any]], *, initial: str, label: str) -> forms.ChoiceField:
    widget = forms.Select({"class": "form-select form-control-sm", "aria-label": label})
    return forms.ChoiceField(choices=choices, initial=initial, label=label, widget=widget)


def _marked(agency: Agency, proposed: Agency | None) -> Any:
    name = f"{agency.name} ({agency.code})"
    return _("%(agency)s – proposed") % {"agency": name} if agency == proposed else name


def _place(value: str) -> tuple[int | None, str]:
    if value == ENDS:
        return None, ""
    key, _colon, role = value.partition(":")
    return int(key), role


def first_day(today: dt.date) -> dict[str, Any]:
    """Return what an empty form begins with."""
    return {"effective_on": today, "kind": AgencyChange.Kind.MERGE}
