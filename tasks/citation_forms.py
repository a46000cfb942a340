"""Forms of the papers that an assignment cites: shapes only; rules are asked in the actions."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.lib.fields import DayField, offer
from portal.lib.text import LineField
from tasks.citations import Source
from tasks.models import Evidence, YearPaper


class SourceForm(forms.Form):
    """The document that gives an assignment out. All empty: none but the programme itself."""

    version = forms.CharField(max_length=40, widget=forms.HiddenInput)
    paper: Any = forms.ModelChoiceField(
        None,
        label=_("From the register of documents of the year"),
        required=False,
        empty_label=_("not in the register"),
        help_text=_("Number, day and subject are then taken from there."),
    )
    number = LineField(
        label=_("Number and symbol"),
        max_length=60,
        required=False,
        help_text=_("For example 15/KH-BCH. Leave everything empty where it is the programme itself."),
    )
    issued_on = DayField(label=_("Issued on"), required=False)
    subject = LineField(label=_("Subject"), max_length=300, required=False)
    clause = LineField(
        label=_("Clause or section"),
        max_length=120,
        required=False,
        help_text=_("Where in the document, for example section II, point 3."),
    )

    def __init__(self, *args: Any, papers: QuerySet[YearPaper], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "paper", papers)
        self.fields["paper"].label_from_instance = lambda row: f"{row.number}: {row.subject}"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if paper := cleaned.get("paper"):
            cleaned |= {name: getattr(paper, name) for name in ("number", "issued_on", "subject")}
        said = [name for name in ("number", "issued_on", "subject", "clause") if cleaned.get(name)]
        for name in ("number", "issued_on", "subject"):
            if said and name not in said and name not in self.errors:
                self.add_error(name, _("A document is cited with number, day and subject."))
        return cleaned

    @property
    def source(self) -> Source | None:
        """What was typed, of a valid form."""
        said = {name: self.cleaned_data[name] for name in ("number", "issued_on", "subject", "clause")}
        paper = self.cleaned_data["paper"]
        return Source(**said, paper_id=paper.pk if paper else None) if said["number"] else None


class ProductForm(forms.Form):
    """A paper that shows the result."""

    number = LineField(label=_("Number and symbol"), max_length=60)
    issued_on = DayField(label=_("Issued on"))
    subject = LineField(label=_("Subject"), max_length=300)
    file: "forms.ModelChoiceField[Evidence]" = forms.ModelChoiceField(
        None,
        label=_("Its file"),
        required=False,
        empty_label=_("no file"),
        help_text=_("One of your agency's files of evidence; add it there first."),
    )

    def __init__(self, *args: Any, files: QuerySet[Evidence], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_product_%s", **kwargs})
        offer(self, "file", files)
