"""Forms of standing groups: shapes only; rules are asked in the actions."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import DayField, WordsField, offer
from portal.lib.text import LineField
from portal.users.models import User
from tasks import access as tasks_access
from tasks import group_plans, groups
from tasks.group_plans import Item
from tasks.models import Assignment, GroupPlanItem, LegalBasis, StandingGroup
from tasks.states import ENDED_PROGRAMME


class FoundForm(forms.Form):
    """A new group."""

    name = LineField(label=_("Name of the group"), max_length=300)
    basis: "forms.ModelChoiceField[LegalBasis]" = forms.ModelChoiceField(
        LegalBasis.objects.all(), label=_("Legal basis"), help_text=_("The administrator keeps the list.")
    )
    about = WordsField(label=_("What it coordinates (optional)"), required=False)
    begins_on = DayField(label=_("Begins on"))
    members: "forms.ModelMultipleChoiceField[Agency]" = forms.ModelMultipleChoiceField(
        None, label=_("Members"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, host: Agency, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Agency.objects.valid_on(today).exclude(pk=host.pk)
        offer(self, "members", there.order_by("protocol_order", "code"))

    @property
    def given(self) -> dict[str, Any]:
        return {"facts": groups.Facts(**self.cleaned_data)}


class AdmitForm(forms.Form):
    """An agency that comes in."""

    agency: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(None, label=_("Agency"))
    since_on = DayField(label=_("Member from"))

    def __init__(self, *args: Any, group: StandingGroup, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inside = [agency.pk for agency in groups.members(group, today)]
        there = Agency.objects.valid_on(today).exclude(pk__in=inside)
        offer(self, "agency", there.order_by("protocol_order", "code"))

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data


class ReleaseForm(forms.Form):
    """The last day of a membership."""

    until_on = DayField(label=_("Member until"))

    @property
    def given(self) -> dict[str, Any]:
        return self.cleaned_data


_COLUMNS = ("title", "lead", "due_on", "assignment")


class ItemForm(forms.Form):
    """An item of the plan."""

    title = LineField(label=_("What is done"), max_length=500)
    lead: "forms.ModelChoiceField[Agency]" = forms.ModelChoiceField(None, label=_("Member in charge"))
    due_on = DayField(label=_("Deadline"), help_text=_("The item stands in the plan of this day's year."))
    assignment: "forms.ModelChoiceField[Assignment]" = forms.ModelChoiceField(
        None,
        label=_("Assignment of the programme (optional)"),
        required=False,
        help_text=_("A link beside the item; it changes nothing of the assignment."),
    )
    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, group: StandingGroup, user: User, today: dt.date, row: GroupPlanItem | None = None
    ) -> None:
        """`row` is the item that is changed; the form carries what stood there when it was shown."""
        initial = {name: getattr(row, name) for name in _COLUMNS} if row else {}
        initial |= {"version": group_plans.version_of(row)} if row else {}
        super().__init__(data, initial=initial)
        inside = [agency.pk for agency in groups.members(group, today)]
        offer(self, "lead", Agency.objects.filter(pk__in=inside).order_by("protocol_order", "code"))
        seen = tasks_access.visible_assignments(user).exclude(programme__state__in=ENDED_PROGRAMME)
        offer(self, "assignment", seen.order_by("programme__year", "code"))

    @property
    def given(self) -> dict[str, Any]:
        return {"item": Item(**{name: self.cleaned_data[name] for name in _COLUMNS})}


class ItemStepForm(forms.Form):
    """A step about an item; it carries the version that its reader saw."""

    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: GroupPlanItem, auto_id: str = "") -> None:
        """`row` is the item as it stands now."""
        initial = {"version": group_plans.version_of(row), "result": row.result}
        super().__init__(data, initial=initial, auto_id=auto_id)


class ReportForm(ItemStepForm):
    """How an item goes."""

    is_done = forms.BooleanField(label=_("It is done"), required=False)
    result = WordsField(label=_("What came of it"), required=False)


class DropForm(ItemStepForm):
    """Give an item up, with the reason."""

    reason = WordsField(label=_("Reason"), rows=2, min_length=5)
