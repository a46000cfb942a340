"""Forms of agreements: shapes only; rules are asked in the actions."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.capacities import Choice
from agreements.models import (
    Authorisation,
    Certificate,
    Document,
    ExternalCertificate,
    ExternalRoot,
    SignatureField,
)
from portal.lib.fields import DayField, offer
from portal.users import factors
from portal.users.models import User
from tasks.models import Programme

CERTIFICATE_LIMIT = 64 * 1024  # bytes
PDF_MARK = b"%PDF-"  # within the first kilobyte (ISO 32000-1, 7.5.2 and implementation note 13)


class PersonField(forms.ModelChoiceField):
    """People by name and agency, as authorisations.people() yields them."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.get_full_name()}, {getattr(obj, 'agency_name', '')}"


class PinField(forms.CharField):
    """A signing PIN; never sent back to the page."""

    widget = forms.PasswordInput(attrs={"autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, strip=False, **kwargs)


class CodeField(forms.CharField):
    """A fresh second factor, a code or a key's answer; never sent back: it is spent, or was wrong."""

    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})

    def __init__(self) -> None:
        super().__init__(label=_("One-time code"), max_length=factors.LONGEST_ANSWER)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace(" ", "")

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class CapacityForm(forms.Form):
    """In which of the `choices` somebody signs, and why it is not the head."""

    grounds = forms.CharField(label=_("Why the head does not sign"), required=False, max_length=300)

    def __init__(self, *args: Any, choices: Sequence[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = choices
        self.fields["capacity"] = forms.ChoiceField(
            label=_("Capacity"), required=False, choices=[(choice.key, choice.label) for choice in choices]
        )

    @property
    def shown_choice(self) -> Choice | None:
        """The capacity that is chosen, or the usual one."""
        wanted = self["capacity"].value()
        return next((one for one in self.offered if one.key == wanted), next(iter(self.offered), None))


class SignForm(CapacityForm):
    """The signing room. `key` makes a repeated sending harmless; `sha256` is what the signer was shown."""

    demo_code: str | None = None
    passkey_question = ""

    read = forms.BooleanField(label=_("I have read the whole document"))
    pin = PinField(label=_("Signing PIN"))
    code = CodeField()
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class CertificateForm(forms.Form):
    """Choose the signing PIN."""

    pin = PinField(
        label=_("New signing PIN"),
        help_text=_("At least 8 characters. Not a date, not a sequence. Nobody can read it back to you."),
    )
    again = PinField(label=_("The PIN once more"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("pin") and values.get("again") and values["pin"] != values["again"]:
            self.add_error("again", _("The two PINs differ."))
        return values


class ChangePinForm(CertificateForm):
    """The old PIN, a fresh code, and the new PIN twice."""

    field_order = ["old", "code", "pin", "again"]

    old = PinField(label=_("The PIN that you have now"))
    code = CodeField()


class SuspendForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class ProposeRootForm(forms.Form):
    """An outside root: its file, whose it is, and the fingerprint that its owner publishes."""

    file = forms.FileField(label=_("Certificate of the root (.crt, .cer, .pem)"))
    kind = forms.ChoiceField(label=_("Kind"), choices=ExternalRoot.Kind, widget=forms.RadioSelect)
    owner = forms.CharField(label=_("Whose it is"), min_length=3, max_length=200)
    fingerprint = forms.CharField(
        label=_("Fingerprint (SHA-256) as its owner publishes it"),
        help_text=_(
            "From the owner's paper or own page, not from the file. Spaces and colons do not matter."
        ),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_file(self) -> bytes:
        return _small_file(self.cleaned_data["file"], CERTIFICATE_LIMIT)


class ExternalListForm(forms.Form):
    """A revocation list that was fetched by hand."""

    file = forms.FileField(label=_("Revocation list (.crl)"))
    issuer = forms.FileField(
        label=_("Certificate of its issuer"),
        help_text=_("Only if not the root itself, but an authority below it, signed the list."),
        required=False,
    )

    def clean_file(self) -> bytes:
        return _small_file(self.cleaned_data["file"], settings.UPLOAD_LIMIT)

    def clean_issuer(self) -> bytes:
        given = self.cleaned_data["issuer"]
        return _small_file(given, CERTIFICATE_LIMIT) if given else b""


def _small_file(file: UploadedFile, limit: int) -> bytes:
    if (file.size or 0) > limit:
        raise forms.ValidationError(_("This file is too large to be what is asked for."), code="too_large")
    return bytes(file.read())


class CompareRootForm(forms.Form):
    compared = forms.CharField(
        label=_("The last two groups of the fingerprint, from its owner"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class ReleaseForm(forms.Form):
    compared = forms.CharField(
        label=_("The last two groups, as the signer read them out"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=500, widget=forms.Textarea({"rows": 3})
    )


BY_PEOPLE = [(one.value, one.label) for one in Certificate.BY_PEOPLE]


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(one.value, one.label) for one in Certificate.BY_PEOPLE],
        widget=forms.RadioSelect,
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class ReasonForm(WithdrawForm):
    """Why somebody declines, ends a round, goes on, or revokes."""


class OrderForm(forms.Form):
    order = forms.ChoiceField(
        label=_("Order of signing"), choices=Document.Order.choices, widget=forms.RadioSelect
    )


class AuthorisationForm(forms.Form):
    """A paper on file: shapes only. The command records who acts as head (Q.), and nothing else."""

    person = PersonField(User.objects.none(), label=_("Who signs"))
    capacity = forms.ChoiceField(label=_("Capacity"), choices=Authorisation.Capacity.choices)
    title = forms.CharField(
        label=_("Title below the capacity"),
        max_length=120,
        required=False,
        help_text=_("The person's own, for example CHÁNH VĂN PHÒNG. Not for Q."),
    )
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("Which programme"),
        required=False,
        help_text=_("TUQ. is limited to one. Left empty: every programme."),
    )
    reference = forms.CharField(
        label=_("Number and symbol of the paper"), max_length=60, help_text=_("For example 12/GUQ-SXD.")
    )
    dated_on = DayField(label=_("Date of the paper"))
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"), required=False)
    sent = forms.FileField(
        label=_("Scanned paper (PDF)"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": "application/pdf"}),
    )

    def __init__(
        self,
        *args: Any,
        people: QuerySet[User],
        programmes: QuerySet[Programme],
        is_head: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", people)
        offer(self, "programme", programmes)
        if not is_head:
            acting = Authorisation.Capacity.Q
            self.fields["capacity"] = forms.ChoiceField(
                label=_("Capacity"), choices=[(acting.value, acting.label)]
            )
            del self.fields["title"]


class SignaturePictureForm(forms.Form):
    """Give the picture of one's handwriting. It is judged by agreements.marks, not here."""

    sent = forms.FileField(
        label=_("Picture (PNG)"),
        help_text=_(
            "Transparent or white ground, scanned at 300 dpi. The portal cuts it out and colours it."
        ),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": "image/png"}),
    )


class SealForm(SignaturePictureForm):
    """Give the picture of the agency's seal."""

    width_mm = forms.IntegerField(
        label=_("Real width of the seal (mm)"),
        help_text=_("The seal is printed in its real size."),
        initial=36,
        min_value=20,
        max_value=50,
    )


class IssueForm(forms.Form):
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=99999)
    issued_on = DayField(label=_("Date of issue"))


class TokenForm(forms.Form):
    """Register the certificate on a USB token."""

    file = forms.FileField(
        label=_("Certificate (.cer, .crt or .pem)"),
        help_text=_("Export it from the token's own program; the key stays on the token."),
        widget=forms.FileInput({"accept": ".cer,.crt,.pem"}),
    )
    kind = forms.ChoiceField(
        label=_("Who issued it"), choices=ExternalCertificate.Kind, widget=forms.RadioSelect
    )


class SignedFileForm(CapacityForm):
    """Send the file that was signed with a token. It is judged by the gate, not here."""

    sent = forms.FileField(
        label=_("The signed file"),
        allow_empty_file=True,
        widget=forms.FileInput({"accept": "application/pdf"}),
    )
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class PartyField(forms.ModelChoiceField):
    """A party, by the name that was frozen."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.agency_name)


class PaperForm(forms.Form):
    """Record a signature on paper. The scan is judged by portal.files, not here."""

    field = PartyField(label=_("Agency"), queryset=SignatureField.objects.none(), empty_label=None)
    signer_name = forms.CharField(label=_("Who signed"), max_length=160)
    signer_title = forms.CharField(label=_("Their post"), max_length=200)
    signed_on = DayField(label=_("Signed on"))
    scan = forms.FileField(
        label=_("Scan of the signed page"),
        help_text=_("PDF, JPEG or PNG, at most 20 MB; signature and seal must be readable."),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    vouched = forms.BooleanField(
        label=_("I have seen the original and vouch for it; it holds no state secret."),
        error_messages={"required": _("Without your word for it no paper is recorded.")},
    )

    def __init__(self, *args: Any, fields: QuerySet[SignatureField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "field", fields)


class VerifyForm(forms.Form):
    file = forms.FileField(label=_("PDF file"), widget=forms.FileInput({"accept": "application/pdf"}))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB."),
                code="too_large",
                params={"limit": settings.UPLOAD_LIMIT // 1024 // 1024},
            )
        if PDF_MARK not in file.read(1024):
            raise forms.ValidationError(_("This is not a PDF file."), code="not_a_pdf")
        file.seek(0)
        return file


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2999, required=False)
