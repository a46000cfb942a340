"""Forms of the register of papers of the year: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, offer
from portal.lib.text import LineField
from tasks.forms import EvidenceForm
from tasks.models import PaperKind, Programme, YearPaper
from tasks.year_papers import COLUMNS, LINKS, Facts, clauses


class PaperForm(forms.Form):
    """What a paper is, and what of its programme it is about."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind of paper"))
    number = LineField(label=_("Number and symbol"), max_length=60, help_text=_("For example 15/KH-BCH."))
    issued_on = DayField(label=_("Issued on"))
    subject = LineField(label=_("Subject"), max_length=300)
    issuer = LineField(label=_("Issuing body"), max_length=200)
    tasks: Any = forms.ModelMultipleChoiceField(
        None, label=_("Priority tasks"), required=False, widget=forms.CheckboxSelectMultiple
    )
    solutions: Any = forms.ModelMultipleChoiceField(
        None, label=_("Key solutions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    clauses: Any = forms.ModelMultipleChoiceField(
        None, label=_("Clauses"), required=False, widget=forms.CheckboxSelectMultiple
    )
    assignments: Any = forms.ModelMultipleChoiceField(
        None,
        label=_("Assignments"),
        required=False,
        help_text=_("Hold Ctrl to choose more than one."),
        widget=forms.SelectMultiple({"size": 10}),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, f"{kind.value}: {kind.label}") for kind in PaperKind]  # type: ignore[attr-defined]
        rows: dict[str, QuerySet[Any]] = {
            "tasks": programme.priority_tasks.all(),
            "solutions": programme.solutions.all(),
            "clauses": clauses(programme),
            "assignments": programme.assignments.order_by("task__number", "code"),
        }
        for name, queryset in rows.items():
            offer(self, name, queryset)
        self.fields["assignments"].label_from_instance = lambda row: f"{row.code} {row.title}"  # type: ignore[attr-defined]

    def facts(self) -> Facts:
        values = self.cleaned_data
        columns = {name: values[name] for name in COLUMNS}
        return Facts(columns, {name: tuple(values[name]) for name in LINKS})


class FileForm(EvidenceForm):
    """The file of a paper, which has its subject for a title. It is judged by portal.files, not here."""

    title = None  # type: ignore[assignment]  # so Django takes an inherited field out


class ReasonForm(forms.Form):
    """Why a row is struck out, or a file recalled."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=1000, widget=forms.Textarea({"rows": 2})
    )


def first_facts(paper: YearPaper) -> dict[str, Any]:
    """Return what the form of a paper begins with."""
    return {name: getattr(paper, name) for name in COLUMNS} | {
        name: getattr(paper, name).all() for name in LINKS
    }
