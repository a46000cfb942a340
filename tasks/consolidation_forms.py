"""Forms of a consolidated report: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH, DayField
from portal.lib.text import LineField
from tasks import consolidation_contents
from tasks.consolidation_contents import Shown
from tasks.consolidations import Typed, version_of
from tasks.models import Consolidation
from tasks.paper_words import number

PARAGRAPH_LENGTH = TEXT_LENGTH + 10_000
"""What one agency may write in a line, with the names of all of them behind it."""


@dataclass(frozen=True)
class Row:
    """One paragraph of the form with its fields."""

    shown: Shown
    text: BoundField
    left_out: BoundField

    @property
    def label(self) -> str:
        return str(self.shown.passage.kind.label)

    @property
    def sources(self) -> list[dict[str, Any]]:
        return consolidation_contents.sources(self.shown.passage)

    @property
    def lacks_figure(self) -> bool:
        """Whether the words no longer tell the figure that the reports add up to."""
        figure = self.shown.passage.figure
        return figure is not None and number(figure) not in (self.text.value() or "")


class PartForm(forms.Form):
    """One section, of the results one priority task: a text for each paragraph."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, consolidation: Consolidation, shown: Sequence[Shown], left_out: set[int]
    ) -> None:
        super().__init__(data, initial={"version": version_of(consolidation)})
        self.shown = shown
        for n, one in enumerate(shown, 1):
            rows = min(2 + len(one.text) // 110, 12)
            self.fields[f"text_{one.pk}"] = forms.CharField(
                label=_("Paragraph %(n)s") % {"n": n},
                max_length=PARAGRAPH_LENGTH,
                required=False,
                widget=forms.Textarea({"rows": rows}),
                initial=one.text,
            )
            self.fields[f"out_{one.pk}"] = forms.BooleanField(
                label=_("Leave paragraph %(n)s out") % {"n": n}, required=False, initial=one.pk in left_out
            )

    @property
    def rows(self) -> list[Row]:
        return [Row(one, self[f"text_{one.pk}"], self[f"out_{one.pk}"]) for one in self.shown]

    @property
    def typed(self) -> Typed:
        """What was typed, of a valid form."""
        said = self.cleaned_data
        texts = {one.pk: said[f"text_{one.pk}"] for one in self.shown}
        out = frozenset(pk for pk in texts if said[f"out_{pk}"])
        return Typed(texts, out)


class AddForm(forms.Form):
    """Paragraphs of the officer's own."""

    text = forms.CharField(
        label=_("New paragraphs, one a line"), max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3})
    )


class StepForm(forms.Form):
    """A button. `version` is the revision that the person saw."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, consolidation: Consolidation) -> None:
        super().__init__(data, initial={"version": version_of(consolidation)}, auto_id="%s_step")


class FreezeForm(StepForm):
    """Freeze; the reason is asked for when agencies are silent."""

    reason = forms.CharField(
        label=_("Why it is frozen without the agencies that have not reported"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class NumberForm(StepForm):
    """Number and date as the records office gave them."""

    number = LineField(label=_("Number"), max_length=20)
    issued_on = DayField(label=_("Issued on"))
