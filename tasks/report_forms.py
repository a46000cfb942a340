"""Forms of a periodic report: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH, DayField, WordsField
from tasks.models import Report
from tasks.report_contents import SECTIONS, Draft, Item, LineDraft
from tasks.reports import version_of


@dataclass(frozen=True)
class Row:
    """One assignment of the form with its fields; `actual` is None where another agency leads."""

    item: Item
    actual: BoundField | None
    text: BoundField
    nothing: BoundField
    lack: str


@dataclass(frozen=True)
class Section:
    """One section of the form: its field, what last period's report said, what is missing."""

    field: BoundField
    before: str
    lack: str


class ReportForm(forms.Form):
    """The whole report on one screen: a figure and words for each assignment, and the sections."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)
    rest_is_nothing = forms.BooleanField(
        label=_("Nothing to report in whatever is left empty"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        report: Report,
        items: Sequence[Item],
        before: Report | None = None,
        lacks: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`items` of the report, `before` last period's; `lacks` are told beside their fields."""
        initial = {name: getattr(report, name) for name in (*SECTIONS, "rest_is_nothing")}
        super().__init__(data, initial={"version": version_of(report), **initial})
        self.items, self.before, self.lacks = items, before, dict(lacks)
        for name in SECTIONS:
            title = str(Report._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            self.fields[name] = WordsField(label=title, rows=4, required=False)
        for item in items:
            self._add(item)

    def _add(self, item: Item) -> None:
        row, pk = item.assignment, item.assignment.pk
        if item.actual is not None:
            label = _("%(code)s: %(indicator)s, running total") % {
                "code": row.code,
                "indicator": row.indicator,
            }
            self.fields[f"actual_{pk}"] = forms.DecimalField(
                label=label,
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=2,
                localize=True,
                required=False,
            )
            self.fields[f"actual_{pk}"].widget.attrs["inputmode"] = "decimal"
            self.fields[f"actual_{pk}"].disabled = item.follows
            self.initial[f"actual_{pk}"] = Decimal(f"{item.actual.normalize():f}")  # 12 rather than 12,00
        words = (
            _("%(code)s: what was done in the period")
            if item.is_led
            else _("%(code)s: what we did with the lead")
        )
        self.fields[f"text_{pk}"] = WordsField(label=words % {"code": row.code}, required=False)
        self.initial[f"text_{pk}"] = item.text
        self.fields[f"nothing_{pk}"] = forms.BooleanField(
            label=_("%(code)s: nothing to report") % {"code": row.code}, required=False, initial=item.nothing
        )

    @property
    def led(self) -> list[Row]:
        return [self._row(item) for item in self.items if item.is_led]

    @property
    def coordinated(self) -> list[Row]:
        return [self._row(item) for item in self.items if not item.is_led]

    def _row(self, item: Item) -> Row:
        pk = item.assignment.pk
        actual = self[f"actual_{pk}"] if f"actual_{pk}" in self.fields else None
        lack = self.lacks.get(f"text_{pk}", "")
        return Row(item, actual, self[f"text_{pk}"], self[f"nothing_{pk}"], lack)

    @property
    def sections(self) -> list[Section]:
        return [
            Section(self[name], getattr(self.before, name, ""), self.lacks.get(name, "")) for name in SECTIONS
        ]

    @property
    def draft(self) -> Draft:
        """What was typed, of a valid form."""
        typed = self.cleaned_data
        lines = {
            pk: LineDraft(typed.get(f"actual_{pk}"), typed[f"text_{pk}"], typed[f"nothing_{pk}"])
            for pk in (item.assignment.pk for item in self.items)
        }
        return Draft({name: typed[name] for name in SECTIONS}, lines, typed["rest_is_nothing"])


class StepForm(forms.Form):
    """A button on a report. `version` is the revision that the person saw."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, name: str, button: str | Promise, report: Report) -> None:
        """`name` of the step keeps the ids of several forms on one page apart; `button` is its verb."""
        self.name, self.button, self.report = name, button, report
        super().__init__(data, initial={"version": version_of(report)}, auto_id=f"{name}_%s")

    @property
    def url(self) -> str:
        return reverse(f"reports:{self.name}", args=[self.report.pk])

    @property
    def is_bare(self) -> bool:
        """Whether the button is all of it."""
        return not self.visible_fields()


class ReasonForm(StepForm):
    """A button that needs a reason."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3})
    )


class ReturnForm(ReasonForm):
    """Return a report: what is wrong, and until when it is to be amended."""

    due_on = DayField(label=_("New due date"))


class ReopenForm(ReasonForm):
    """Let one agency into a locked period."""

    until = DayField(label=_("Open until"))


class LockForm(forms.Form):
    """Lock a period."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 2})
    )


class GrantForm(forms.Form):
    """A head's leave to send without her approval."""

    valid_until = DayField(label=_("Until (leave empty: until you revoke it)"), required=False)
