"""Forms of the rating of agencies: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, WordsField
from portal.lib.text import LineField
from tasks import rating_schemes
from tasks.models import (
    RatingCriterion,
    RatingGrade,
    RatingRound,
    SupportAnswer,
)
from tasks.models.ratings import MARKED, QUESTIONS
from tasks.rating_contents import Line
from tasks.rating_schemes import Criterion, Grade, Scheme, Terms
from tasks.ratings import Proposal
from tasks.ratings import version_of as version_of_round

SPARE = 2
"""Empty lines under the criteria; saving the page brings as many again."""


# --- The criteria -------------------------------------------------------------------------------------
class CriterionForm(forms.Form):
    """One criterion; without a title it is left out."""

    title_vi = LineField(label=_("Criterion"), max_length=200, required=False)
    measure = forms.ChoiceField(label=_("Points come from"), choices=RatingCriterion.Measure.choices)
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "size": "4"}),
    )
    guidance = LineField(label=_("How points are given"), max_length=500, required=False)
    title_en = LineField(label=_("Criterion in English"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(said.get("title_vi")) != bool(said.get("weight")):
            lacking = "weight" if said.get("title_vi") else "title_vi"
            if lacking not in self.errors:
                self.add_error(lacking, _now("A criterion has a title and a weight."))
        return said


class GradeForm(forms.Form):
    """One of the four grades."""

    name_vi = LineField(label=_("Grade"), max_length=100)
    from_points = forms.IntegerField(
        label=_("From points"),
        min_value=0,
        max_value=100,
        widget=forms.TextInput({"inputmode": "numeric", "size": "4"}),
    )
    reward = LineField(label=_("Reward proposed"), max_length=200, required=False)
    name_en = LineField(label=_("Grade in English"), max_length=100, required=False)


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The days, and what is left out."""

    version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    counts_until = DayField(label=_("Counted until"))
    self_due_on = DayField(label=_("Self-scores due on"))

    class Meta:
        model = RatingRound
        fields = [
            *("counts_until", "self_due_on", "leaves_out_suspended", "leaves_out_carried_over"),
            "is_list_public",
        ]


class SchemeForms:
    """The three forms of the criteria, as sent or as they stand."""

    def __init__(self, data: Any, *, round_: RatingRound) -> None:
        scheme = rating_schemes.of(round_)
        self.terms = TermsForm(data, instance=round_, initial={"version": version_of_round(round_)})
        criteria = forms.formset_factory(CriterionForm, extra=SPARE)
        grades = forms.formset_factory(
            GradeForm, extra=0, min_num=rating_schemes.GRADES, max_num=rating_schemes.GRADES
        )
        self.criteria = criteria(data, initial=[vars(row) for row in scheme.criteria], prefix="criteria")
        self.grades = grades(data, initial=[vars(row) for row in scheme.grades], prefix="grades")

    def is_valid(self) -> bool:
        return all([self.terms.is_valid(), self.criteria.is_valid(), self.grades.is_valid()])

    @property
    def errors(self) -> bool:
        """Whether something stands to be mended, of forms that were sent."""
        forms_ = (self.terms, self.criteria, self.grades)
        return self.terms.is_bound and not all(form.is_valid() for form in forms_)

    @property
    def given(self) -> dict[str, Any]:
        """What was typed, of valid forms: the arguments of ratings.edit."""
        said = dict(self.terms.cleaned_data)
        version = said.pop("version")
        criteria = [Criterion(**row) for row in self.criteria.cleaned_data if row.get("title_vi")]
        scheme = Scheme(criteria, [Grade(**row) for row in self.grades.cleaned_data])
        return {"terms": Terms(**said), "scheme": scheme, "version": version}


# --- The year -------------------------------------------------------------------------------------------
class ButtonForm(forms.Form):
    """A button. `version` is the revision that the person saw."""

    version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """A button that needs a reason."""

    reason = WordsField(rows=3, label=_("Reason"), min_length=5)


class AnnounceForm(forms.Form):
    """Until when agencies may ask."""

    review_until = DayField(label=_("Re-examination may be asked for until"))


@dataclass(frozen=True)
class GradeRow:
    """One agency of the proposal with its two fields."""

    line: Line
    grade: BoundField
    reason: BoundField


class ProposeForm(forms.Form):
    """A grade for every agency, and a reason where the points give another one."""

    def __init__(
        self, *args: Any, lines: Sequence[Line], grades: Sequence[RatingGrade], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.grades = lines, {str(grade.pk): grade for grade in grades}
        choices = [("", _now("Choose")), *((key, grade.name) for key, grade in self.grades.items())]
        for line in lines:
            pk = line.sheet.pk
            name = line.sheet.agency.name
            self.fields[f"grade_{pk}"] = forms.ChoiceField(
                label=_now("Grade of %(agency)s") % {"agency": name},
                choices=choices,
                initial=str(line.grade.pk) if line.grade else "",
            )
            self.fields[f"reason_{pk}"] = forms.CharField(
                label=_now("Reason for %(agency)s") % {"agency": name},
                max_length=500,
                required=False,
                initial=line.sheet.grade_reason,
            )

    @property
    def rows(self) -> list[GradeRow]:
        return [
            GradeRow(line, self[f"grade_{line.sheet.pk}"], self[f"reason_{line.sheet.pk}"])
            for line in self.lines
        ]

    @property
    def proposals(self) -> dict[int, Proposal]:
        said = self.cleaned_data
        return {
            pk: Proposal(self.grades[said[f"grade_{pk}"]], said[f"reason_{pk}"])
            for pk in (line.sheet.pk for line in self.lines)
        }


class SupportForm(forms.Form):
    """Four marks and some words about the command's support."""

    words = WordsField(
        rows=4,
        label=_("What would help (optional)"),
        required=False,
        help_text=_("Do not name your agency: the words are shown as they stand."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MARKED:
            self.fields[name] = forms.TypedChoiceField(
                label=str(QUESTIONS[name]).capitalize(),
                choices=SupportAnswer.MARKS,
                coerce=int,
                widget=forms.RadioSelect,
            )
        self.order_fields([*MARKED, "words"])

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of rating_support.rate."""
        said = self.cleaned_data
        return {"marks": {name: said[name] for name in MARKED}, "words": said["words"]}
