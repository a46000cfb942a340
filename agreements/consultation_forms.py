"""Forms of draft versions and consultations: shapes only; rules are asked in the actions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ConsultationComment, DraftVersion
from portal.lib.fields import DayField, WordsField, offer, offer_choices

USES = ("Bản lấy ý kiến", "Bản trình hội nghị", "Bản chỉnh sửa sau góp ý")
"""Offered as names of a version; any other may be typed. Vietnamese: they are content."""


class TakeForm(forms.Form):
    """Keep today's text as a version."""

    label = forms.CharField(
        label=_("What this version is for"),
        max_length=200,
        widget=forms.TextInput({"list": "version-uses", "autocomplete": "off"}),
        help_text=_("For example: %(uses)s.") % {"uses": "; ".join(USES)},
    )


class OpenForm(forms.Form):
    """Ask every party about a version."""

    version = forms.ModelChoiceField(
        label=_("Version that is sent"), queryset=DraftVersion.objects.none(), empty_label=None
    )
    closes_on = DayField(label=_("Answers until"))
    note = WordsField(label=_("Letter to the agencies (optional)"), rows=2, required=False)

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "version", versions)


class ExtendForm(forms.Form):
    """Let the agencies answer longer."""

    closes_on = DayField(label=_("New last day"))


class CommentForm(forms.Form):
    """What an agency proposes on a place of the text."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    place = forms.ChoiceField(label=_("Place in the text"), required=False)
    proposal = WordsField(
        label=_("What is proposed"), help_text=_("As the text should read, or what is missing.")
    )
    reason = WordsField(label=_("Why (optional)"), rows=2, required=False)

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "place", list(places))


class SendBackForm(forms.Form):
    """Give the answer back to the focal point."""

    reason = WordsField(label=_("Reason"), rows=2, min_length=5)


class RespondForm(forms.Form):
    """What becomes of a comment."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        label=_("Decision on it"), choices=ConsultationComment.Decision.choices, widget=forms.RadioSelect
    )
    response = WordsField(
        label=_("Explanation"),
        required=False,
        help_text=_("Needed unless the comment is accepted as it is; the agencies read it in the table."),
    )
    changed_place = forms.ChoiceField(
        label=_("Place of the text that follows the comment"),
        required=False,
        help_text=_("The table shows how it read before and how it reads now."),
    )

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("No place of its own")), *places]
        offer_choices(self, "changed_place", choices)
