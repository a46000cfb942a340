"""Forms of a review: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH, DayField, WordsField
from portal.lib.text import LineField
from tasks.models import PeriodReview, ReviewParagraph
from tasks.period_reviews import Typed, version_of

PARAGRAPH_LENGTH = TEXT_LENGTH + 10_000
"""What somebody may write, with the assignments and agencies that a drafted sentence names."""


@dataclass(frozen=True)
class Row:
    """One paragraph of the form with its fields."""

    paragraph: ReviewParagraph
    text: BoundField
    left_out: BoundField


class SectionForm(forms.Form):
    """One section: a text for each paragraph."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, review: PeriodReview, paragraphs: Sequence[ReviewParagraph]
    ) -> None:
        super().__init__(data, initial={"version": version_of(review)})
        self.paragraphs = paragraphs
        for n, one in enumerate(paragraphs, 1):
            self.fields[f"text_{one.pk}"] = forms.CharField(
                label=_("Paragraph %(n)s") % {"n": n},
                max_length=PARAGRAPH_LENGTH,
                required=False,
                widget=forms.Textarea({"rows": min(2 + len(one.text) // 110, 12)}),
                initial=one.text,
            )
            self.fields[f"out_{one.pk}"] = forms.BooleanField(
                label=_("Leave paragraph %(n)s out") % {"n": n}, required=False, initial=one.is_left_out
            )

    @property
    def rows(self) -> list[Row]:
        return [Row(one, self[f"text_{one.pk}"], self[f"out_{one.pk}"]) for one in self.paragraphs]

    @property
    def typed(self) -> Typed:
        """What was typed, of a valid form."""
        said = self.cleaned_data
        texts = {one.pk: said[f"text_{one.pk}"] for one in self.paragraphs}
        return Typed(texts, frozenset(pk for pk in texts if said[f"out_{pk}"]))


class AddForm(forms.Form):
    """Paragraphs of the officer's own."""

    text = WordsField(label=_("New paragraphs, one a line"))


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
