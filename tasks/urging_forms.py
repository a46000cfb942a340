"""Forms of urging: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.text import LineField
from tasks.forms import TEXT_LENGTH


class UrgeForm(forms.Form):
    """What is said to the agency, in the portal."""

    text = forms.CharField(
        label=_("Text"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 4})
    )


class CallForm(forms.Form):
    """A call that was made: who was called, what was said."""

    person = LineField(label=_("Who was called"), max_length=120)
    text = forms.CharField(
        label=_("What was said"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "call_%s"  # two forms stand on the page
        super().__init__(*args, **kwargs)
