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
from tasks.consolidations import version_of
from tasks.models import Consolidation
from tasks.paper_words import number
from tasks.paragraph_forms import ParagraphsForm


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


class PartForm(ParagraphsForm):
    """One section, of the results one priority task: a text for each paragraph."""

    def __init__(
        self, data: Any = None, *, consolidation: Consolidation, shown: Sequence[Shown], left_out: set[int]
    ) -> None:
        rows = [(one.pk, one.text, one.pk in left_out) for one in shown]
        super().__init__(data, version=version_of(consolidation), paragraphs=rows)
        self.shown = shown

    @property
    def rows(self) -> list[Row]:
        return [Row(one, self[f"text_{one.pk}"], self[f"out_{one.pk}"]) for one in self.shown]


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
