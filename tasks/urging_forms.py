"""Forms of urging: shapes only; rules are asked in the actions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import TEXT_LENGTH, DayField, offer_choices
from portal.lib.text import LineField
from tasks.urging_letters import Thing


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


class SeveralForm(forms.Form):
    """One text to several agencies, in the portal."""

    agencies = forms.ModelMultipleChoiceField(
        label=_("Agencies"),
        queryset=Agency.objects.order_by("protocol_order", "code"),
        to_field_name="code",
        error_messages={"required": _("Choose the agencies that are urged.")},
    )
    text = forms.CharField(
        label=_("Text"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3})
    )


class LetterForm(forms.Form):
    """A letter: what it urges about, what is asked, and until when."""

    chosen = forms.MultipleChoiceField(
        label=_("What the letter urges about"), widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label=_("What is asked"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 4})
    )
    reply_by = DayField(label=_("Answer until"))

    def __init__(self, *args: Any, things: Sequence[Thing], **kwargs: Any) -> None:
        """`things` is what the agency owes and is overdue; all of it is chosen to begin with."""
        super().__init__(*args, **kwargs)
        offer_choices(self, "chosen", [(thing.key, _named(thing)) for thing in things])
        self.fields["chosen"].initial = [thing.key for thing in things]


def _named(thing: Thing) -> str:
    """Name a thing as the letter does, with its day."""
    title = thing.title[:1].upper() + thing.title[1:]
    name = f"{thing.code}. {title}" if thing.kind == "assignment" else title
    return f"{name} ({thing.due_on:%d/%m/%Y})"


class IssueLetterForm(forms.Form):
    """Number and date as the records office gave them."""

    number = LineField(label=_("Number"), max_length=20)
    issued_on = DayField(label=_("Issued on"))


class DiscardLetterForm(forms.Form):
    """Give the letter up."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 2})
    )
