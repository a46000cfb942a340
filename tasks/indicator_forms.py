"""Forms of an indicator: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import DayField
from tasks.models import Aggregation, Assignment, Cycle, Direction, Figure, Indicator, Locality, Quota
from tasks.quotas import Definition, Holder, version_of

REASON_LENGTH = 1000  # characters
WHOLE = "value_whole"


def amount(label: Any, *, required: bool = False) -> forms.DecimalField:
    """A figure in the unit of the indicator, as one types it: 3.505 or 12,5."""
    field = forms.DecimalField(
        label=label, min_value=Decimal(0), max_digits=14, decimal_places=2, localize=True, required=required
    )
    field.widget.attrs["inputmode"] = "decimal"
    return field


def plain(value: Decimal | None) -> Decimal | None:
    """Return a figure as it stands in a field: 12 rather than 12,00."""
    return None if value is None else Decimal(f"{value.normalize():f}")


@dataclass(frozen=True)
class Line:
    """One line of a table of fields: whose it is, what stands there now, where it is typed."""

    name: str
    now: Decimal | None
    field: BoundField


class VersionForm(forms.Form):
    """A form that carries the state of the indicator that the person saw."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, indicator: Indicator, initial: Any = None) -> None:
        super().__init__(data, initial={"version": version_of(indicator)} | (initial or {}))


class DefinitionForm(VersionForm):
    """How the figure is measured."""

    direction = forms.ChoiceField(label=_("What is better"), choices=Direction.choices)
    aggregation = forms.ChoiceField(label=_("How entries are put together"), choices=Aggregation.choices)
    cycle = forms.ChoiceField(label=_("How often figures are entered"), choices=Cycle.choices)

    def __init__(self, data: Any = None, *, indicator: Indicator) -> None:
        names = ("direction", "aggregation", "cycle")
        initial = {name: getattr(indicator, name) for name in names}
        super().__init__(data, indicator=indicator, initial=initial)
        self.fields["baseline"] = amount(_("Baseline"))
        self.fields["baseline"].help_text = _("Where the work starts from, for example last year's result.")
        self.initial["baseline"] = plain(indicator.baseline)

    @property
    def definition(self) -> Definition:
        """What was chosen, of a valid form."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return Definition(**typed)


class DistributionForm(VersionForm):
    """A share for each agency that takes part and each locality of the register; empty is none."""

    note = forms.CharField(
        label=_("Note on the distribution"),
        max_length=300,
        required=False,
        help_text=_("Where the shares come from, for example the decision that sets them."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        indicator: Indicator,
        quotas: Sequence[Quota],
        agencies: Sequence[Agency],
        localities: Sequence[Locality],
    ) -> None:
        super().__init__(data, indicator=indicator, initial={"note": indicator.note})
        self.now = {Holder(row.agency_id, row.locality_id): row.share for row in quotas}
        self.holders: dict[str, Holder] = {}
        self.names: dict[str, str] = {}
        for agency in agencies:
            self._add(f"agency_{agency.pk}", Holder(agency_id=agency.pk), agency.name)
        for locality in localities:
            self._add(f"locality_{locality.pk}", Holder(locality_id=locality.pk), locality.name)

    def _add(self, key: str, holder: Holder, name: str) -> None:
        self.holders[key], self.names[key] = holder, name
        self.fields[key] = amount(name)
        self.initial[key] = plain(self.now.get(holder))

    @property
    def agencies(self) -> list[Line]:
        return self._lines("agency_")

    @property
    def localities(self) -> list[Line]:
        return self._lines("locality_")

    def _lines(self, prefix: str) -> list[Line]:
        return [
            Line(self.names[key], self.now.get(holder), self[key])
            for key, holder in self.holders.items()
            if key.startswith(prefix)
        ]

    @property
    def shares(self) -> dict[Holder, Decimal]:
        """What was typed, of a valid form."""
        typed = self.cleaned_data
        return {holder: typed[key] for key, holder in self.holders.items() if typed[key] is not None}


class FigureForm(forms.Form):
    """The figures of one day: of the parts that the person enters, or of the whole."""

    on = DayField(label=_("As of"))

    def __init__(
        self, data: Any = None, *, assignment: Assignment, quotas: Sequence[Quota], initial: Any = None
    ) -> None:
        """`quotas` that the person may enter; none when the target is not divided."""
        super().__init__(data, initial=initial)
        self.keys: dict[str, int | None] = {f"value_{row.pk}": row.pk for row in quotas}
        self.parts = {f"value_{row.pk}": row for row in quotas}
        if not quotas:
            self.keys[WHOLE] = None
        for key in self.keys:
            part = self.parts.get(key)
            self.fields[key] = amount(part.name if part else assignment.indicator)

    @property
    def lines(self) -> list[Line]:
        return [
            Line(str(self.fields[key].label), self.parts[key].share if key in self.parts else None, self[key])
            for key in self.keys
        ]

    @property
    def values(self) -> dict[int | None, Decimal]:
        """What was typed, of a valid form; what was left empty is not entered."""
        typed = self.cleaned_data
        return {pk: typed[key] for key, pk in self.keys.items() if typed[key] is not None}


class CorrectionForm(forms.Form):
    """What a figure ought to have been, and why."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3})
    )
    field_order = ("value", "reason")

    def __init__(self, data: Any = None, *, figure: Figure) -> None:
        super().__init__(data)
        self.fields["value"] = amount(_("The right figure"))
        self.fields["value"].help_text = _("Left empty, the entry is taken back.")
        self.initial["value"] = plain(figure.value)
        self.order_fields(self.field_order)


class ReopenForm(VersionForm):
    """Why a settled distribution is opened again."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=REASON_LENGTH, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any = None, *, assignment: Assignment, indicator: Indicator) -> None:
        super().__init__(data, indicator=indicator)
        self.assignment, self.button = assignment, _("Open the distribution again")

    @property
    def url(self) -> str:
        return reverse("indicators:reopen", args=[self.assignment.pk])
