"""Forms of what is entered from paper: shapes only; rules are asked in the actions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, WordsField, offer_choices
from portal.lib.text import LineField
from tasks.assignments import version_of
from tasks.forms import DeclarationField
from tasks.models import Assignment
from tasks.models.evidence import DECLARATION, DECLARATIONS
from tasks.paper_entries import Paper
from tasks.states import AssignmentStatus


class PaperForm(forms.Form):
    """The agency's paper: what it is cited with, who signed it, when it was received, and its scan."""

    number = LineField(label=_("Number and symbol"), max_length=60, help_text=_("For example 27/BC-SXD."))
    issued_on = DayField(label=_("Issued on"))
    subject = LineField(label=_("Subject"), max_length=300)
    signer_name = LineField(label=_("Who signed"), max_length=160)
    signer_title = LineField(
        label=_("Their post"), max_length=200, help_text=_("As it stands above the signature.")
    )
    received_on = DayField(
        label=_("Received on"),
        help_text=_("The day on the stamp of arrival: it counts as the day of sending."),
    )
    sent = forms.FileField(
        label=_("Scan of the signed paper"),
        help_text=_("PDF, JPEG or PNG, at most 20 MB; signature and seal must be readable."),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    declared = DeclarationField(
        label=DECLARATIONS[DECLARATION],
        error_messages={"required": _("Without the declaration no file is accepted.")},
    )

    @property
    def paper(self) -> Paper:
        """What was typed, of a valid form."""
        names = ("number", "issued_on", "subject", "signer_name", "signer_title", "received_on")
        return Paper(**{name: self.cleaned_data[name] for name in names})

    @property
    def upload(self) -> dict[str, Any]:
        """The file and the declaration, as the actions take them."""
        return {name: self.cleaned_data[name] for name in ("sent", "declared")}


RESULT, ACCEPTANCE = "result", "acceptance"


class LeadPaperForm(PaperForm):
    """A paper of the lead of an assignment: its result, or that it takes the assignment on."""

    version = forms.CharField(max_length=40, widget=forms.HiddenInput)
    what = forms.ChoiceField(label=_("What the paper says"), widget=forms.RadioSelect)
    actual = forms.DecimalField(
        label=_("Achieved"),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=True,
        required=False,
    )
    text = WordsField(label=_("What was achieved, in the words of the paper"), rows=5, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, assignment: Assignment) -> None:
        super().__init__(data, files, initial={"version": version_of(assignment), "what": RESULT})
        choices = [(RESULT, _("the result: the assignment is complete"))]
        if assignment.status == AssignmentStatus.ASSIGNED:
            choices.append((ACCEPTANCE, _("the agency takes the assignment on")))
        offer_choices(self, "what", choices)
        self.fields["actual"].widget.attrs["inputmode"] = "decimal"
        self.fields["actual"].help_text = f"{assignment.indicator}, {assignment.unit}"
        self.order_fields(["version", "what", "actual", "text"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("what") == RESULT and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what was achieved; the head and the command decide by it."))
        return cleaned

    @property
    def entry(self) -> dict[str, Any]:
        """What was typed of the assignment, of a valid form."""
        typed = self.cleaned_data
        return {
            "is_result": typed["what"] == RESULT,
            "result_text": typed["text"],
            "actual": typed["actual"],
            "version": typed["version"],
        }
