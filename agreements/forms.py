"""Forms of agreements: shapes only; rules are asked in the actions."""

import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

PIN = forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "text"})
CODE = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 8})


class SignForm(forms.Form):
    """The signing room. `key` makes a repeated sending harmless; `sha256` is what the signer was shown."""

    read = forms.BooleanField(label=_("I have read the whole document"))
    pin = forms.CharField(label=_("Signing PIN"), max_length=64, widget=PIN)
    code = forms.CharField(label=_("One-time code"), max_length=8, widget=CODE)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "")


class CertificateForm(forms.Form):
    """Choose the signing PIN."""

    pin = forms.CharField(
        label=_("New signing PIN"),
        max_length=64,
        widget=PIN,
        help_text=_("At least 8 characters. Not a date, not a sequence. Nobody can read it back to you."),
    )
    again = forms.CharField(label=_("The PIN once more"), max_length=64, widget=PIN)
    code = forms.CharField(label=_("One-time code"), max_length=8, widget=CODE)

    def clean(self) -> dict[str, str]:
        values = super().clean() or {}
        if values.get("pin") and values.get("again") and values["pin"] != values["again"]:
            self.add_error("again", _("The two PINs differ."))
        return values


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class IssueForm(forms.Form):
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=99999)
    issued_on = forms.DateField(
        label=_("Date of issue"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class VerifyForm(forms.Form):
    file = forms.FileField(label=_("PDF file"), widget=forms.FileInput({"accept": "application/pdf"}))

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB."),
                code="too_large",
                params={"limit": settings.UPLOAD_LIMIT // 1024 // 1024},
            )
        return file
