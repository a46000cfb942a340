"""Form fields that every app uses."""

from typing import Any

from django import forms


class DayField(forms.DateField):
    """A day by the browser's own picker, which sends and wants ISO days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)
