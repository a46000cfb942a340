"""Forms of a draft's assignments: one, many at once, a sheet. Shapes only; rules are asked in the actions."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import DayField, offer
from portal.lib.text import LineField
from tasks import parties
from tasks.assignment_drafts import Duty, Mode, Wanted
from tasks.models import Assignment, Clause, Cycle, PriorityTask, Programme, Solution

AGENCIES = {"required": False, "widget": forms.CheckboxSelectMultiple}


class DutyForm(forms.Form):
    """One assignment as it shall stand in the draft."""

    task: "forms.ModelChoiceField[PriorityTask]" = forms.ModelChoiceField(None, label=_("Priority task"))
    code = LineField(
        label=_("Code"), max_length=10, required=False, help_text=_("Left empty: the next one of the task.")
    )
    title_vi = LineField(label=_("Assignment"), max_length=500)
    solutions: "forms.ModelMultipleChoiceField[Solution]" = forms.ModelMultipleChoiceField(
        None, label=_("Solutions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    clause: "forms.ModelChoiceField[Clause]" = forms.ModelChoiceField(
        None, label=_("Clause it carries out"), required=False
    )
    lead: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(None, label=_("Lead agency"))
    coordinating: "forms.ModelMultipleChoiceField[Agency]" = forms.ModelMultipleChoiceField(
        None, label=_("Coordinating agencies"), **AGENCIES
    )
    cycle = forms.ChoiceField(label=_("Cycle"), choices=Cycle.choices, initial=Cycle.ONCE)
    start_on = DayField(label=_("From"), required=False)
    deadline_on = DayField(label=_("Deadline"))
    indicator_vi = LineField(label=_("Indicator"), max_length=200)
    unit_vi = LineField(label=_("Unit"), max_length=40)
    target = forms.DecimalField(
        label=_("Target"), min_value=Decimal(0), max_digits=14, decimal_places=2, localize=True
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "task", programme.priority_tasks.all())
        offer(self, "solutions", programme.solutions.all())
        offer(self, "clause", programme.clauses.all())
        for name in ("lead", "coordinating"):
            offer(self, name, _offered(programme))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lead = cleaned.get("lead")
        if lead and lead in (cleaned.get("coordinating") or ()):
            self.add_error("coordinating", _("This agency leads the assignment; it does not coordinate too."))
        start_on, deadline_on = cleaned.get("start_on"), cleaned.get("deadline_on")
        if start_on and deadline_on and start_on > deadline_on:
            self.add_error("deadline_on", _("The assignment ends before it begins."))
        return cleaned

    @property
    def duty(self) -> Duty:
        """What was typed, of a valid form."""
        said = dict(self.cleaned_data)
        task, clause = said.pop("task"), said.pop("clause")
        return Duty(
            task_id=task.pk,
            task_number=task.number,
            clause_id=clause.pk if clause else None,
            solutions=tuple(row.pk for row in said.pop("solutions")),
            coordinating=tuple(row.pk for row in said.pop("coordinating")),
            **said,
        )


class WantedForm(forms.Form):
    """What the ticked assignments shall say; a field that is left empty changes nothing."""

    rows: "forms.ModelMultipleChoiceField[Assignment]" = forms.ModelMultipleChoiceField(
        None, error_messages={"required": _("Tick the assignments that shall change.")}
    )
    deadline_on = DayField(label=_("Deadline"), required=False)
    start_on = DayField(label=_("From"), required=False)
    cycle = forms.ChoiceField(label=_("Cycle"), choices=[("", _("as it is")), *Cycle.choices], required=False)
    lead: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(
        None, label=_("Lead agency"), required=False, empty_label=_("as it is")
    )
    mode = forms.ChoiceField(
        label=_("Coordinating agencies"),
        required=False,
        choices=[
            ("", _("as they are")),
            (Mode.ADD, _("add those chosen below")),
            (Mode.REMOVE, _("take those chosen below out")),
            (Mode.REPLACE, _("let only those chosen below coordinate")),
        ],
    )
    agencies: "forms.ModelMultipleChoiceField[Agency]" = forms.ModelMultipleChoiceField(
        None, label=_("Agencies"), **AGENCIES
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "rows", programme.assignments.all())
        for name in ("lead", "agencies"):
            offer(self, name, _offered(programme))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        mode, agencies = cleaned.get("mode"), cleaned.get("agencies")
        if agencies and not mode:
            self.add_error("mode", _("Say what becomes of the agencies that are chosen below."))
        if mode in {Mode.ADD, Mode.REMOVE} and not agencies:
            self.add_error("agencies", _("Choose the agencies."))
        return cleaned

    @property
    def sent(self) -> dict[str, list[str]]:
        """What was sent for each field, as it came: to be asked again, and ticked again."""
        data = cast(QueryDict, self.data)
        return {name: [value for value in data.getlist(name) if value] for name in self.fields}

    @property
    def keys(self) -> list[int]:
        return [row.pk for row in self.cleaned_data["rows"]]

    @property
    def wanted(self) -> Wanted:
        """What was typed, of a valid form."""
        said = self.cleaned_data
        return Wanted(
            lead=said["lead"],
            cycle=said["cycle"] or None,
            start_on=said["start_on"],
            deadline_on=said["deadline_on"],
            mode=said["mode"],
            agencies=tuple(said["agencies"]),
        )


class SheetForm(forms.Form):
    """A workbook with assignments. The file is judged by portal.files, not here."""

    sent = forms.FileField(
        label=_("Excel file"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ".xlsx"}),
        help_text=_("An .xlsx file; its first sheet is read."),
    )


def _offered(programme: Programme) -> QuerySet[Agency]:
    """The parties in protocol order: who leads or coordinates signs."""
    return parties.agencies(programme)
