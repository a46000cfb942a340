"""Forms of lights set by hand: shapes only; rules are asked in the action."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import TEXT_LENGTH
from tasks.models import Colour


class LightForm(forms.Form):
    """Colour, reason and last day. `seen` is the light set by hand that the person saw, 0 for none."""

    colour = forms.ChoiceField(label=_("Progress light"), choices=Colour.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The lead and those who coordinate read it."),
    )
    until_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("After this day the computed light stands alone again."),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
