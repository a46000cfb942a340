"""Form fields that every app uses."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

TEXT_LENGTH = 5000  # characters


class WordsField(forms.CharField):
    """Some lines of text."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(**{"max_length": TEXT_LENGTH, "widget": forms.Textarea({"rows": rows}), **kwargs})


class DayField(forms.DateField):
    """A day by the browser's own picker, which sends and wants ISO days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of the form choose among these rows. The stubs of a form do not know its fields' types."""
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


def offer_choices(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Let a field of the form choose among these values; a group is (label, its choices)."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices
