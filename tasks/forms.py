"""Forms of an assignment: shapes only; rules are asked in the actions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.files.refusals import ACCEPTED, accepted
from portal.lib.fields import TEXT_LENGTH
from portal.lib.templatetags.portal_ui import vn_number
from portal.lib.text import LineField
from tasks import indicators
from tasks.models import Assignment
from tasks.models.evidence import DECLARATION, DECLARATIONS


class StepForm(forms.Form):
    """A button. `version` is the state of the row that the person saw."""

    version = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, name: str, button: str | Promise, assignment: Assignment, **kwargs: Any
    ) -> None:
        """`name` of the step keeps the ids of several forms on one page apart; `button` is its verb."""
        self.name, self.button, self.assignment = name, button, assignment
        super().__init__(*args, auto_id=f"{name}_%s", **kwargs)

    @property
    def url(self) -> str:
        return reverse(f"assignments:{self.name}", args=[self.assignment.pk])


class ReasonForm(StepForm):
    """A button that needs a reason."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3})
    )


class ProgressForm(StepForm):
    """How far the work is."""

    actual = forms.DecimalField(
        label=_("Achieved"), min_value=Decimal(0), max_digits=14, decimal_places=2, localize=True
    )
    percent = forms.IntegerField(
        label=_("Progress in percent"),
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    text = forms.CharField(
        label=_("What was done"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.assignment
        self.fields["actual"].help_text = _("%(indicator)s, target %(target)s %(unit)s") % {
            "indicator": row.indicator,
            "target": vn_number(row.target),
            "unit": row.unit,
        }
        self.fields["actual"].widget.attrs["inputmode"] = "decimal"
        if indicators.has_figures(indicators.in_hand(row)):
            self.initial["actual"] = Decimal(f"{row.actual.normalize():f}")
            self.fields["actual"].disabled = True
            self.fields["actual"].help_text = _(
                "The total of the figures that were entered; it follows them."
            )

    def clean_percent(self) -> int:
        """An empty field keeps the last figure."""
        percent = self.cleaned_data["percent"]
        return self.assignment.progress_percent if percent is None else int(percent)


class ResultForm(ProgressForm):
    """The same fields, sent as the finished result: words are required, progress is 100 percent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = True
        self.fields["text"].error_messages["required"] = _(
            "Write what was achieved; the head and the command decide by it."
        )


class DeclarationField(forms.BooleanField):
    """A tick that is made anew for each file: it is never sent back to the page."""

    def bound_data(self, data: Any, initial: Any) -> bool:
        return False


class EvidenceForm(forms.Form):
    """Add a file of evidence. The file is judged by portal.files, not here."""

    title = LineField(
        label=_("What it shows"),
        max_length=200,
        help_text=_("For example: minutes of the hand-over of 15 March."),
    )
    sent = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput({"accept": ",".join(f".{extension}" for extension in ACCEPTED)}),
    )
    declared = DeclarationField(
        label=DECLARATIONS[DECLARATION],
        error_messages={"required": _("Without the declaration no file is accepted.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_evidence_%s", **kwargs)
        self.fields["sent"].help_text = accepted()


class EvidenceReasonForm(forms.Form):
    """Why a file is taken out of use."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
