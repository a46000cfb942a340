"""Forms of pages that span several apps: shapes only."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.dashboards.handovers import Change
from portal.lib.fields import offer
from portal.lib.text import LineField
from portal.users.entry_forms import DayInput, PersonFields
from portal.users.models import User


class HandoverForm(PersonFields):
    """Who takes a post, from which day, on which document: somebody who is here, or a new person."""

    field_order = ["successor", "full_name", "rank", "username", "email", "title", "starts_on", "document"]

    successor: Any = forms.ModelChoiceField(
        queryset=None,  # __init__ is given the people
        label=_("Successor"),
        required=False,
        empty_label=_("a new person, named below"),
        help_text=_("Choose somebody who has an account, or leave this and name a new person below."),
    )
    title = LineField(label=_("Title"), max_length=120, required=False)
    starts_on = forms.DateField(
        label=_("From"),
        widget=DayInput,
        help_text=_("The predecessor's post ends the day before. Until the day comes it can be undone."),
    )
    document = LineField(
        label=_("Document"),
        max_length=120,
        help_text=_("Number and symbol of the decision, for example 125/QĐ-UBND."),
    )
    document_on = forms.DateField(label=_("Date of the document"), widget=DayInput)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "successor", people)
        self.fields["successor"].label_from_instance = lambda user: (
            f"{user.get_full_name()} ({user.username})"
        )
        for name in ("full_name", "username"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        named = values.get("full_name") or values.get("username")
        if values.get("successor") and named:
            raise ValidationError(_("Choose somebody or name a new person, not both."))
        if not values.get("successor") and "successor" in values:
            for name in ("full_name", "username"):
                if name in values and not values[name]:
                    self.add_error(name, _("Name the new person, or choose somebody above."))
        return values

    def change(self) -> Change:
        values = self.cleaned_data
        document_on: dt.date = values["document_on"]
        return Change(
            successor=values["successor"] or self.person(),
            starts_on=values["starts_on"],
            title=values["title"],
            document=values["document"],
            document_on=document_on,
        )
