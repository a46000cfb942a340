"""Forms of schemes and their milestones: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import DayField, WordsField, offer
from portal.lib.text import LineField
from tasks.models import Assignment, PriorityTask, Programme, Scheme
from tasks.schemes import COLUMNS, Facts

_YEAR: dict[str, Any] = {
    "validators": [MinValueValidator(2000), MaxValueValidator(2100)],
    "localize": False,
}


class SchemeForm(forms.Form):
    """What a scheme is, and the document that approves it."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=Scheme.Kind.choices)
    title_vi = LineField(
        label=_("Title in Vietnamese"),
        max_length=300,
        help_text=_("Unclassified progress only: no content of plans, no figures of forces, no places."),
    )
    title_en = LineField(label=_("Title in English"), max_length=300, required=False)
    year_from = forms.IntegerField(label=_("First year"), **_YEAR)
    year_to = forms.IntegerField(label=_("Last year"), **_YEAR)
    approval_number = LineField(
        label=_("Number and symbol of the approving document"),
        max_length=60,
        help_text=_("For example 1234/QĐ-UBND."),
    )
    approved_on = DayField(label=_("Its date"))
    approval_subject = LineField(label=_("Its subject"), max_length=300)
    approved_by = LineField(label=_("Issuing body"), max_length=200, required=False)
    lead: Any = forms.ModelChoiceField(None, label=_("Lead agency"))
    coordinating: Any = forms.ModelMultipleChoiceField(
        None,
        label=_("Coordinating agencies"),
        required=False,
        help_text=_("They and the lead read the scheme; only their duties carry its milestones."),
        widget=forms.SelectMultiple({"size": 8}),
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("lead", "coordinating"):
            offer(self, name, agencies.order_by("protocol_order", "name_sort_key", "code"))

    def facts(self) -> Facts:
        values = self.cleaned_data
        return Facts({name: values[name] for name in COLUMNS}, tuple(values["coordinating"]))


class MilestoneForm(forms.Form):
    """A milestone and its day."""

    title = LineField(label=_("Milestone"), max_length=300)
    due_on = DayField(label=_("To be reached by"))


class ChangeForm(MilestoneForm):
    """The same of one that stands. `version` is what the person saw."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class TieForm(forms.Form):
    """The duty that carries a milestone."""

    assignment: Any = forms.ModelChoiceField(None, label=_("Duty that carries it"))

    def __init__(self, *args: Any, assignments: QuerySet[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "assignment", assignments)
        self.fields["assignment"].label_from_instance = _duty  # type: ignore[attr-defined]


def _duty(row: Assignment) -> str:
    return f"{row.programme.year}, {row.code} {row.title}"


class DraftForm(forms.Form):
    """The priority task, of a text that is written, under which a duty is made of a milestone."""

    task: Any = forms.ModelChoiceField(None, label=_("Under the priority task"))

    def __init__(self, *args: Any, programmes: QuerySet[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = PriorityTask.objects.filter(programme__in=programmes).select_related("programme__host")
        offer(self, "task", rows.order_by("-programme__year", "number"))
        self.fields["task"].label_from_instance = _task  # type: ignore[attr-defined]


def _task(row: PriorityTask) -> str:
    return f"{row.programme.year}: {row}"


class StepForm(forms.Form):
    """A step of a milestone. `version` is what the person saw."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class ReachedForm(StepForm):
    """That it is reached: when, and by what it is seen."""

    reached_on = DayField(label=_("Reached on"))
    result = WordsField(
        label=_("Result: by what it is seen"), help_text=_("Progress only; never the content of plans.")
    )


class EndForm(forms.Form):
    outcome = WordsField(label=_("What came of it"))


class WhyForm(StepForm):
    reason = WordsField(label=_("Reason"), rows=2)
