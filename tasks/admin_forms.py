"""Forms of the administrator's pages: what may stand together in a programme, said beside the field."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.forms import PartFormSet
from portal.lib.fields import offer
from tasks.models import Assignment, PriorityTask, Programme, Solution
from tasks.states import EDITABLE_PROGRAMME

LAST_YEAR = 2100
_OUT_OF_THE_WAY = 10_000
"""Added to a number while rows change places; still fits a PositiveSmallIntegerField (32,767)."""


# --- Programme -------------------------------------------------------------------------------
class ProgrammeForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "year_to" in self.fields:
            self.fields["year_to"].required = False
            self.fields["year_to"].help_text = _("Left empty: the same year.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "year_to" in cleaned and cleaned["year_to"] is None:
            cleaned["year_to"] = cleaned.get("year", self.instance.year)
        if (cleaned.get("year_to") or 0) > LAST_YEAR:
            self.add_error("year_to", _("Give a year between 2000 and 2100."))
        return cleaned


class ClauseForm(forms.ModelForm):
    class Meta:
        labels = {"title": gettext_lazy("Heading")}


class NumberedFormSet(PartFormSet):
    """Rows in an order: a number left empty becomes the next one, and rows may change places.

    Django checks each row against the database by itself and so refuses to swap two numbers; here
    the rows of the page are checked against each other, which is all rows that there are.
    """

    number = "number"
    within: str | None = None  # numbers begin anew for each value of this field

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if self.number not in form.fields:  # a page that may only be read
            return
        form.fields[self.number].required = False
        exclusions = form._get_validation_exclusions
        form._get_validation_exclusions = lambda: exclusions() | {self.number}

    def clean(self) -> None:
        super().clean()
        taken: dict[Any, set[int]] = defaultdict(set)
        rows = [form for form in self.forms if self._counts(form)]
        for form in rows:
            number = getattr(form.instance, self.number)
            if number is None:
                continue
            if number in taken[self._group(form)]:
                form.add_error(self.number, _("Another row has this number."))
            taken[self._group(form)].add(number)
        for form in rows:
            if getattr(form.instance, self.number) is None:
                number = max(taken[self._group(form)], default=0) + 1
                setattr(form.instance, self.number, number)
                taken[self._group(form)].add(number)

    def save(self, commit: bool = True) -> Any:
        # has_changed() says no for rows that may only be read; changed_data does not know of that.
        moved = [
            form.instance.pk
            for form in self.initial_forms
            if form.has_changed() and self.number in form.changed_data
        ]
        self.queryset.filter(pk__in=moved).update(**{self.number: F(self.number) + _OUT_OF_THE_WAY})
        return super().save(commit)

    def _counts(self, form: Any) -> bool:
        if self.number not in form.fields or form in self.deleted_forms:
            return False
        return bool(form.is_valid() and (form.instance.pk or form.has_changed()))

    def _group(self, form: Any) -> Any:
        return getattr(form.instance, self.within) if self.within else None


class OrderedFormSet(NumberedFormSet):
    number = "order"


class ClauseFormSet(NumberedFormSet):
    within = "section"


class SolutionFormSet(NumberedFormSet):
    """A solution that assignments name is not removed: the database would drop the link silently."""

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:  # their own errors are not looked at
            codes = ", ".join(form.instance.assignments.values_list("code", flat=True))
            if codes:
                raise forms.ValidationError(
                    _("Solution %(number)s is named by assignments: %(codes)s.")
                    % {"number": form.instance.number, "codes": codes}
                )


# --- Assignment ------------------------------------------------------------------------------
class _ByProgramme(forms.models.ModelChoiceIterator):
    """Choices under their programme, for pages on which the programme is still to be chosen."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        rows = self.queryset.select_related("programme").order_by("-programme__year", "number")
        groups = [(programme, list(group)) for programme, group in groupby(rows, attrgetter("programme"))]
        for programme, group in groups:
            choices = [self.choice(row) for row in group]
            if len(groups) > 1:
                yield str(programme), choices
            else:
                yield from choices


class _TaskField(forms.ModelChoiceField):
    iterator = _ByProgramme


class _SolutionsField(forms.ModelMultipleChoiceField):
    iterator = _ByProgramme


class AssignmentForm(forms.ModelForm):
    task = _TaskField(PriorityTask.objects.none(), label=gettext_lazy("Priority task"))
    solutions = _SolutionsField(
        Solution.objects.none(),
        label=gettext_lazy("Solutions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = self._programmes()
        for name, model in (("task", PriorityTask), ("solutions", Solution)):
            if name in self.fields:
                offer(self, name, model.objects.filter(programme__in=programmes))
        if "programme" in self.fields:
            offer(self, "programme", Programme.objects.filter(state__in=EDITABLE_PROGRAMME))

    def _programmes(self) -> Any:
        """The assignment's own, the one the page was opened for, or all whose text may change."""
        if self.instance.pk:
            return [self.instance.programme_id]
        given = str(self.initial.get("programme", ""))
        if given.isdecimal() and not self.is_bound:
            return Programme.objects.filter(pk=int(given))
        return Programme.objects.filter(state__in=EDITABLE_PROGRAMME)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        programme = cleaned.get("programme") or (self.instance.pk and self.instance.programme)
        if not programme:
            return cleaned
        task = cleaned.get("task")
        if task and task.programme_id != programme.pk:
            self.add_error("task", _("This priority task belongs to another programme."))
        if any(solution.programme_id != programme.pk for solution in cleaned.get("solutions") or ()):
            self.add_error("solutions", _("A chosen solution belongs to another programme."))
        return cleaned


class CoordinationFormSet(PartFormSet):
    """Exactly one agency leads; it does not also coordinate with itself."""

    instance: Assignment

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            is_sent = "agency" in form.fields and form not in self.deleted_forms
            if is_sent and form.instance.agency_id == self.instance.lead_id:
                form.add_error("agency", _("This agency leads the assignment; it does not coordinate too."))
