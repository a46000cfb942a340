"""Forms of the ledger of shortcomings and of proposals: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import WordsField, offer
from portal.lib.text import LineField
from tasks.models import Assignment, Programme, Report, ShortcomingReview, Solution


class ShortcomingForm(forms.Form):
    """What is wanting, why, and where it was found."""

    text = LineField(label=_("Shortcoming"), max_length=500)
    cause = WordsField(label=_("Cause"), required=False)
    agency: Any = forms.ModelChoiceField(
        None,
        label=_("Agency"),
        required=False,
        empty_label=_("no single agency"),
        help_text=_("Left empty where it concerns several."),
    )
    report: Any = forms.ModelChoiceField(
        None, label=_("From the report"), required=False, empty_label=_("no report")
    )
    source = LineField(
        label=_("Where it was found"),
        max_length=300,
        required=False,
        help_text=_("For example the conference, or a clause of the programme."),
    )

    def __init__(
        self, *args: Any, agencies: QuerySet[Agency], reports: QuerySet[Report], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "agency", agencies.order_by("protocol_order", "name_sort_key"))
        offer(self, "report", reports)


class AnswerForm(forms.Form):
    """The solution of a text that is written which answers the shortcoming."""

    solution: Any = forms.ModelChoiceField(None, label=_("Solution of the next programme"))

    def __init__(self, *args: Any, solutions: QuerySet[Solution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "solution", solutions)


class ReviewForm(forms.Form):
    """What the review of a year found."""

    programme: Any = forms.ModelChoiceField(None, label=_("In the review of"), empty_label=None)
    verdict = forms.ChoiceField(
        label=_("Finding"), choices=ShortcomingReview.Verdict.choices, widget=forms.RadioSelect
    )
    words = WordsField(label=_("Evidence, or what is still wanting"))
    assignment: Any = forms.ModelChoiceField(
        None,
        label=_("Duty that shows it"),
        required=False,
        empty_label=_("no duty"),
        help_text=_("One that was confirmed complete."),
    )

    def __init__(
        self,
        *args: Any,
        programmes: QuerySet[Programme],
        assignments: QuerySet[Assignment],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "programme", programmes)
        offer(self, "assignment", assignments)


class DecideForm(forms.Form):
    """Accepted or not, and what the agency is told."""

    decision = forms.ChoiceField(
        choices=[("accept", _("Accepted")), ("refuse", _("Not accepted"))],
        widget=forms.Select({"class": "form-select form-control-sm", "aria-label": _("Decision")}),
    )
    answer = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2, "class": "form-control", "aria-label": _("Answer")}),
    )
    assignment: Any = forms.ModelChoiceField(
        None,
        required=False,
        empty_label=_("becomes no duty"),
        widget=forms.Select({"class": "form-select form-control-sm", "aria-label": _("Becomes the duty")}),
    )

    def __init__(self, *args: Any, assignments: QuerySet[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "assignment", assignments)
