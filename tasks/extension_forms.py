"""Forms of requests for extension: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.files.refusals import ACCEPTED, accepted
from portal.lib.fields import TEXT_LENGTH, DayField, WordsField
from tasks.forms import DeclarationField
from tasks.models.evidence import DECLARATION, DECLARATIONS


class AskForm(forms.Form):
    """Ask for more time; a file may say more, and then needs the declaration."""

    new_on = DayField(label=_("New deadline"))
    reason = WordsField(
        rows=4,
        label=_("Reason"),
        min_length=5,
        help_text=_("What stood in the way, and what will be done by the new deadline."),
    )
    sent = forms.FileField(
        label=_("File (optional)"),
        required=False,
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ",".join(f".{extension}" for extension in ACCEPTED)}),
    )
    declared = DeclarationField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sent"].help_text = accepted()
        self.fields["declared"].label = str(DECLARATIONS[DECLARATION])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("sent") is not None and not cleaned.get("declared"):
            self.add_error("declared", _now("Without the declaration no file is accepted."))
        return cleaned


class ApproveForm(forms.Form):
    """Grant the day that was asked for, or another."""

    granted_on = DayField(
        label=_("Extended to"), help_text=_("The day that was asked for; enter another to grant that one.")
    )
    note = forms.CharField(
        label=_("Note to the agency (optional)"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


class RefuseForm(forms.Form):
    """Leave the deadline as it is, with the reason."""

    reason = WordsField(rows=4, label=_("Reason"), min_length=5)


class WithdrawForm(forms.Form):
    """A button that needs no words."""
