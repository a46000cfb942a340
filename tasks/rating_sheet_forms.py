"""Forms of one agency's sheet in a rating: shapes only; rules are asked in the actions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH, WordsField, offer_choices
from tasks.models import Assignment, Evidence, RatingPoint, RatingSheet
from tasks.rating_figures import Share
from tasks.rating_sheets import Given, Verdict, version_of


def _points(label: Any, weight: int, **kwargs: Any) -> forms.DecimalField:
    field = forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_value=Decimal(weight),
        max_digits=5,
        decimal_places=2,
        required=False,
        localize=True,
        **kwargs,
    )
    field.widget.attrs |= {"inputmode": "decimal", "size": "6"}
    return field


def _plain(value: Decimal | None) -> Decimal | None:
    """Return it without zeros at its end, as people write it."""
    return None if value is None else Decimal(f"{value.normalize():f}")


@dataclass(frozen=True)
class PointRow:
    """One criterion of a form: what is known of it, and its two fields."""

    point: RatingPoint
    share: Share | None
    points: BoundField
    words: BoundField

    @property
    def counted_points(self) -> Decimal | None:
        return self.share.points(self.point.criterion.weight) if self.share else None


class SheetForm(forms.Form):
    """Points and words for each criterion of a sheet."""

    version = forms.CharField(max_length=20, widget=forms.HiddenInput)
    points_label: Any = _("Points")
    words_label: Any = _("Reason")

    def __init__(
        self,
        data: Any = None,
        *,
        sheet: RatingSheet,
        points: Sequence[RatingPoint],
        live: Mapping[str, Share],
    ) -> None:
        super().__init__(data, initial={"version": version_of(sheet)})
        self.points, self.live = points, live
        for point in points:
            number = {"n": point.criterion.order}
            self.fields[f"points_{point.pk}"] = _points(
                f"{self.points_label} {number['n']}", point.criterion.weight, initial=self.points_of(point)
            )
            self.fields[f"words_{point.pk}"] = forms.CharField(
                label=f"{self.words_label} {number['n']}",
                max_length=TEXT_LENGTH,
                required=False,
                widget=forms.Textarea({"rows": 2}),
                initial=self.words_of(point),
            )

    def points_of(self, point: RatingPoint) -> Decimal | None:
        raise NotImplementedError

    def words_of(self, point: RatingPoint) -> str:
        raise NotImplementedError

    def counted(self, point: RatingPoint) -> Decimal | None:
        share = None if point.criterion.is_judged else self.live.get(point.criterion.measure)
        return share.points(point.criterion.weight) if share else None

    @property
    def rows(self) -> list[PointRow]:
        return [
            PointRow(
                point,
                None if point.criterion.is_judged else self.live.get(point.criterion.measure, Share()),
                self[f"points_{point.pk}"],
                self[f"words_{point.pk}"],
            )
            for point in self.points
        ]

    def typed(self, point: RatingPoint) -> tuple[Decimal | None, str]:
        return self.cleaned_data[f"points_{point.pk}"], self.cleaned_data[f"words_{point.pk}"]


class ScoreForm(SheetForm):
    """The agency's own points; a figure stands there already, as the portal counts it."""

    points_label = _("Self-score")
    words_label = _("What it rests on")

    def points_of(self, point: RatingPoint) -> Decimal | None:
        given = point.self_points
        return _plain(given if given is not None else self.counted(point))

    def words_of(self, point: RatingPoint) -> str:
        return point.self_note

    @property
    def given(self) -> dict[int, Given]:
        return {point.criterion_id: Given(*self.typed(point)) for point in self.points}


class VerifyForm(SheetForm):
    """The officer's points: first the figure, else what the agency gives itself."""

    points_label = _("Verified points")

    def points_of(self, point: RatingPoint) -> Decimal | None:
        if point.sheet.verified_at is not None:
            return _plain(point.points)
        counted = self.counted(point)
        return _plain(
            counted if counted is not None else point.self_points if point.criterion.is_judged else None
        )

    def words_of(self, point: RatingPoint) -> str:
        return point.reason

    @property
    def verdicts(self) -> dict[int, Verdict]:
        return {point.criterion_id: Verdict(*self.typed(point)) for point in self.points}


class ProofForm(forms.Form):
    """Choose a duty, or a file that the agency added there."""

    shown = forms.ChoiceField(label=_("Duty or file"))

    def __init__(
        self, *args: Any, duties: Iterable[Assignment], files: Iterable[Evidence], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.duties = {f"duty-{row.pk}": row for row in duties}
        self.proofs = {f"file-{row.pk}": row for row in files}
        choices: list[tuple[Any, Any]] = [("", _now("Choose"))]
        for key, duty in self.duties.items():
            own = [
                (name, f"– {row.title}") for name, row in self.proofs.items() if row.assignment_id == duty.pk
            ]
            choices += [(key, f"{duty.code} {duty.title}"[:110]), *own]
        offer_choices(self, "shown", choices)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of rating_sheets.prove."""
        key = self.cleaned_data["shown"]
        if key in self.proofs:
            return {"assignment": self.proofs[key].assignment, "evidence": self.proofs[key]}
        return {"assignment": self.duties[key]}


class AskForm(forms.Form):
    """Why a point should be looked at again."""

    reason = WordsField(
        rows=3,
        label=_("Why look at it again"),
        min_length=5,
        help_text=_("Name the duty, the day or the figure that was not seen."),
    )


class AnswerForm(forms.Form):
    """Points, the same or others, and why."""

    answer = WordsField(rows=3, label=_("Answer"), min_length=5)

    def __init__(self, *args: Any, point: RatingPoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weight = point.criterion.weight
        self.fields["points"] = _points(_("Points from now on"), weight, initial=_plain(point.points))
        self.order_fields(["points", "answer"])
