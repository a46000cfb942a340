"""Forms of amendments and of the end of a document: shapes only; rules are asked in the actions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import DayField
from tasks import parties
from tasks.content import AssignmentContent, CoordinationContent
from tasks.models import Cycle, Programme


class ReasonField(forms.CharField):
    widget = forms.Textarea({"rows": 3})


class ProposeForm(forms.Form):
    reason = ReasonField(label=_("Reason"), min_length=5, max_length=1000)
    closes_on = DayField(label=_("Signing closes on"))


class EndForm(forms.Form):
    SUPERSEDE, TERMINATE = "supersede", "terminate"

    how = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=[
            (SUPERSEDE, _("superseded by another document; the programme goes on")),
            (TERMINATE, _("terminated; a programme in force ends with it")),
        ],
        widget=forms.RadioSelect,
    )
    reason = ReasonField(label=_("Reason"), min_length=5, max_length=1000)
    decision_number = forms.CharField(label=_("Number and symbol of the decision"), max_length=80)
    decided_on = DayField(label=_("Date of the decision"))


class DutyForm(forms.Form):
    """A duty as it shall read. What is not on the form (solutions, cycle, first day) stays as signed."""

    code = forms.CharField(
        label=_("Code"), max_length=10, validators=[RegexValidator(r"^\d+\.\d+$", _("For example 2.05."))]
    )
    title = forms.CharField(label=_("What is to be done"), max_length=500, widget=forms.Textarea({"rows": 2}))
    lead = forms.ModelChoiceField(Agency.objects.none(), label=_("Lead agency"))
    coordinating = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label=_("Coordinating agencies"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    deadline_on = DayField(label=_("Deadline"))
    indicator = forms.CharField(label=_("Indicator"), max_length=200)
    unit = forms.CharField(label=_("Unit"), max_length=40)
    target = forms.DecimalField(label=_("Target"), min_value=0, max_digits=14, decimal_places=2)
    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        signed: AssignmentContent | None,
        draft: AssignmentContent | None,
        version: str,
        **kwargs: Any,
    ) -> None:
        """`draft` is what the amendment says of it already; `version` names that."""
        self.programme, self.stands = programme, signed or draft
        shown = draft or signed
        kwargs["initial"] = (_initial(shown) if shown else {}) | {"version": version}
        super().__init__(*args, **kwargs)
        for name in ("lead", "coordinating"):
            field: Any = self.fields[name]
            field.queryset = parties.agencies(programme)
            field.to_field_name = "code"
        if self.stands:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("lead") and values["lead"] in values.get("coordinating", ()):
            self.add_error("coordinating", _("The lead agency does not coordinate with itself."))
        code = values.get("code")
        if code:
            if self.programme.assignments.filter(code=code).exists():
                self.add_error("code", _("Another assignment of this programme has this code."))
            elif not self.programme.priority_tasks.filter(number=int(code.partition(".")[0])).exists():
                self.add_error("code", _("The programme has no priority task of this number."))
        return values

    def duty(self) -> AssignmentContent:
        """Return the duty as it is signed; only when the form is valid."""
        values, stands = self.cleaned_data, self.stands
        code = stands["code"] if stands else values["code"]
        return AssignmentContent(
            code=code,
            task=stands["task"] if stands else int(code.partition(".")[0]),
            solutions=stands["solutions"] if stands else [],
            title=" ".join(values["title"].split()),
            lead=values["lead"].code,
            coordinating=self._coordinating(),
            cycle=stands["cycle"] if stands else Cycle.ONCE.value,
            start_on=stands["start_on"] if stands else None,
            deadline_on=values["deadline_on"].isoformat(),
            indicator=values["indicator"],
            unit=values["unit"],
            target=_plain(values["target"]),
        )

    def _coordinating(self) -> list[CoordinationContent]:
        """Those who stay keep their order and their share; who is new comes after them."""
        chosen = [agency.code for agency in self.cleaned_data["coordinating"]]
        stay = [
            part for part in (self.stands["coordinating"] if self.stands else []) if part["code"] in chosen
        ]
        known = {part["code"] for part in stay}
        return stay + [CoordinationContent(code=code, deliverable="") for code in chosen if code not in known]


def _initial(duty: AssignmentContent) -> dict[str, Any]:
    names = ("code", "title", "lead", "deadline_on", "indicator", "unit", "target")
    values: dict[str, Any] = {**duty}
    return {name: values[name] for name in names} | {
        "coordinating": [part["code"] for part in duty["coordinating"]]
    }


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
