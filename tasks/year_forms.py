"""Forms of the turn of the year: shapes only; rules are asked in the actions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import TEXT_LENGTH, DayField, WordsField, offer
from portal.lib.text import LineField
from tasks import assignments, leftovers
from tasks.beginnings import Facts
from tasks.leftovers import Decision
from tasks.loading.shifting import shift_day, shift_text
from tasks.models import Assignment, Programme, YearEndDecision
from tasks.points import Point

COLUMNS = (
    *("year", "title_vi", "title_en", "co_host", "place", "symbol", "recipients"),
    *("conference_on", "signing_closes_on"),
)
Choice = YearEndDecision.Choice


class BeginForm(forms.Form):
    """Of which year, from which text, and what stands on the first page."""

    source: Any = forms.ModelChoiceField(
        None,
        label=_("Begin from"),
        required=False,
        empty_label=_("an empty text"),
        help_text=_("Its tasks, solutions, duties, parties and legal bases are copied; days move along."),
    )
    year = forms.IntegerField(
        label=_("Year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)], localize=False
    )
    title_vi = LineField(label=_("Title in Vietnamese"), max_length=300)
    title_en = LineField(label=_("Title in English"), max_length=300, required=False)
    co_host: Any = forms.ModelChoiceField(None, label=_("Co-host"), required=False)
    place = LineField(label=_("Place of issue"), max_length=60)
    symbol = LineField(
        label=_("Symbol"), max_length=60, help_text=_("After the slash of the number, e.g. CTr-BCHQS-MTTQ.")
    )
    recipients = WordsField(label=_("Recipients"), required=False, help_text=_("One a line, without dash."))
    conference_on = DayField(label=_("Conference on"), required=False)
    signing_closes_on = DayField(label=_("Signing closes on"))

    def __init__(
        self, *args: Any, sources: QuerySet[Programme], agencies: QuerySet[Agency], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "source", sources)
        offer(self, "co_host", agencies.order_by("protocol_order", "name_sort_key", "code"))

    def facts(self) -> Facts:
        return Facts({name: self.cleaned_data[name] for name in COLUMNS})


def first_facts(newest: Programme | None, today: dt.date) -> dict[str, Any]:
    """Return what the form begins with: the year after the newest programme, as that one was.

    The first programme is of the year in which it will be signed: in December that is the next one.
    """
    if newest is None:
        closes_on = today + dt.timedelta(days=45)
        return {"year": closes_on.year, "symbol": "CTr-", "signing_closes_on": closes_on}
    year = max(newest.year, newest.year_to) + 1
    years = year - newest.year
    return {
        "source": newest.pk,
        "year": year,
        "co_host": newest.co_host_id,
        **{name: shift_text(getattr(newest, name), newest.year, years) for name in ("title_vi", "title_en")},
        **{name: getattr(newest, name) for name in ("place", "symbol", "recipients")},
        "conference_on": shift_day(newest.conference_on, years) if newest.conference_on else None,
        "signing_closes_on": shift_day(newest.signing_closes_on, years),
    }


# --- Points -----------------------------------------------------------------------------------------
class AgenciesForm(forms.Form):
    """Who comes into the place of an agency that ends; left empty nothing is changed there."""

    def __init__(self, *args: Any, points: Sequence[Point], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = {point.name: point for point in points if point.options}
        for name, point in self.points.items():
            widget = forms.Select({"class": "form-select form-control-sm", "aria-label": point.where})
            choices = [("", _("not now")), *((row.pk, f"{row.name} ({row.code})") for row in point.options)]
            self.fields[name] = forms.TypedChoiceField(
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=widget,
                initial=point.proposed.pk,
                label=point.where,
            )

    def choices(self) -> dict[str, int]:
        values = self.cleaned_data
        return {point.key: values[name] for name, point in self.points.items() if values.get(name)}


class DaysForm(forms.Form):
    """The days that were moved, each to be looked at: all of a page are settled together."""

    def __init__(self, *args: Any, points: Sequence[Point], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = {point.name: point for point in points}
        for name, point in self.points.items():
            field = DayField(label=point.where, initial=point.proposed)
            field.widget.attrs |= {"class": "form-control form-control-sm", "aria-label": point.where}
            self.fields[name] = field

    def days(self) -> dict[str, dt.date]:
        return {point.key: self.cleaned_data[name] for name, point in self.points.items()}


class PointForm(forms.Form):
    """One point: let it stand, mend it, or write its words anew."""

    key = forms.CharField(max_length=120)
    reason = forms.CharField(max_length=TEXT_LENGTH, required=False)
    text = forms.CharField(max_length=20_000, required=False)


# --- Unfinished duties ------------------------------------------------------------------------------
class DecisionsForm(forms.Form):
    """What becomes of each unfinished duty; one without a choice waits. A reason for all fills empty ones."""

    reason = WordsField(
        label=_("Reason for all"),
        rows=2,
        required=False,
        help_text=_("Taken where a duty that is cancelled or left open has no reason of its own."),
    )

    def __init__(self, *args: Any, rows: Sequence[Assignment], carries: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        labels: Mapping[str, Any] = dict(Choice.choices)
        for row in rows:
            allowed = [c for c in leftovers.choices(row) if carries or c != Choice.CARRIED]
            decided = getattr(row, "year_end", None)
            self.fields[f"choice_{row.pk}"] = forms.ChoiceField(
                choices=[("", _("no decision yet")), *((choice, labels[choice]) for choice in allowed)],
                required=False,
                initial=decided.choice if decided else "",
                widget=forms.Select({"class": "form-select form-control-sm", "aria-label": row.code}),
                label=row.code,
            )
            self.fields[f"reason_{row.pk}"] = forms.CharField(
                required=False,
                max_length=TEXT_LENGTH,
                initial=decided.reason if decided else "",
                widget=forms.TextInput(
                    {"class": "form-control form-control-sm", "aria-label": _now("Reason") + f" {row.code}"}
                ),
                label=_("Reason"),
            )
            if carries and leftovers.can_halve(row):
                self.fields[f"rest_{row.pk}"] = forms.BooleanField(
                    required=False, label=_("with what remains of the target")
                )
            self.fields[f"version_{row.pk}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=assignments.version_of(row)
            )

    def lines(self) -> list[tuple[Assignment, Any, Any, Any, Any]]:
        """Return each duty with its fields: choice, reason, remainder or None, version."""

        def field(name: str, row: Assignment) -> Any:
            key = f"{name}_{row.pk}"
            return self[key] if key in self.fields else None

        return [
            (row, field("choice", row), field("reason", row), field("rest", row), field("version", row))
            for row in self.rows
        ]

    def decisions(self) -> dict[int, Decision]:
        values, common = self.cleaned_data, self.cleaned_data["reason"]
        found = {}
        for row in self.rows:
            choice = values.get(f"choice_{row.pk}")
            if not choice or not self._is_news(row):
                continue
            own = values.get(f"reason_{row.pk}", "")
            reason = own or ("" if choice == Choice.CARRIED else common)
            found[row.pk] = Decision(
                choice,
                reason=reason,
                with_remainder=choice == Choice.CARRIED and bool(values.get(f"rest_{row.pk}")),
                version=values.get(f"version_{row.pk}", ""),
            )
        return found

    def _is_news(self, row: Assignment) -> bool:
        """A duty that was left open, and stays so for the same reason, is not decided again."""
        return getattr(row, "year_end", None) is None or bool(
            {f"choice_{row.pk}", f"reason_{row.pk}"} & set(self.changed_data)
        )


class TakeBackForm(forms.Form):
    reason = WordsField(label=_("Reason"), rows=2)
