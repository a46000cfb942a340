"""Forms of a review: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, WordsField
from portal.lib.text import LineField
from tasks.models import PeriodReview, ReviewParagraph
from tasks.paragraph_forms import ParagraphsForm
from tasks.period_reviews import version_of


@dataclass(frozen=True)
class Row:
    """One paragraph of the form with its fields."""

    paragraph: ReviewParagraph
    text: BoundField
    left_out: BoundField


class SectionForm(ParagraphsForm):
    """One section: a text for each paragraph."""

    def __init__(
        self, data: Any = None, *, review: PeriodReview, paragraphs: Sequence[ReviewParagraph]
    ) -> None:
        rows = [(one.pk, one.text, one.is_left_out) for one in paragraphs]
        super().__init__(data, version=version_of(review), paragraphs=rows)
        self.paragraphs = paragraphs

    @property
    def rows(self) -> list[Row]:
        return [Row(one, self[f"text_{one.pk}"], self[f"out_{one.pk}"]) for one in self.paragraphs]


class StepForm(forms.Form):
    """A button. `version` is the revision that the person saw."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, review: PeriodReview) -> None:
        super().__init__(data, initial={"version": version_of(review)}, auto_id="%s_step")


class GiveBackForm(StepForm):
    """Back to the officer, with what is to be changed."""

    reason = WordsField(label=_("What is to be changed"))


class RecipientsForm(StepForm):
    """Who receives the paper."""

    recipients = WordsField(label=_("Recipients, one a line"), rows=4)

    def __init__(self, data: Any = None, *, review: PeriodReview) -> None:
        super().__init__(data, review=review)
        self.initial["recipients"] = review.recipients


class NumberForm(forms.Form):
    """Number and date as the records office gave them."""

    number = LineField(label=_("Number"), max_length=20)
    issued_on = DayField(label=_("Issued on"))
