"""Forms of cooperation: shapes only; rules are asked in the actions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, WordsField
from tasks.models import Cooperation


class StepForm(forms.Form):
    """A button; it carries the version that its reader saw."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class AskForm(StepForm):
    """What the agency is asked for, and by when."""

    request = WordsField(label=_("What the agency is asked for"), min_length=5)
    due_on = DayField(label=_("Wanted by"))


class ReportForm(StepForm):
    """What was delivered; or that there is nothing to contribute."""

    text = WordsField(label=_("What was delivered"), rows=4, required=False)
    nothing = forms.BooleanField(label=_("We have nothing to contribute to this"), required=False)


class SendBackForm(StepForm):
    """A button that needs a reason."""

    reason = WordsField(label=_("Reason"), min_length=5)


class RateForm(StepForm):
    """A small scale with a word for each step."""

    rating = forms.TypedChoiceField(
        label=_("The cooperation was"),
        choices=[(value, label) for value, label in reversed(Cooperation.Rating.choices)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    note = WordsField(label=_("Remark"), required=False, help_text=_("Needed when it was poor."))
