"""Forms by which people are invited, come in, and come in again: shapes only."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.fields import offer, offer_choices
from portal.lib.text import LineField
from portal.users import invitations, throttle
from portal.users.models import Membership, Role, User
from portal.users.records import Invitation


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PersonFields(forms.Form):
    """A new person: everything but a password."""

    full_name = LineField(label=_("Full name"), max_length=120)
    rank = LineField(label=_("Military rank"), max_length=40, required=False)
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("For signing in, for example snv.daumoi. It never changes."),
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Leave empty for an activation in person.")
    )

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if name and User.objects.filter(username=name).exists():
            raise ValidationError(_("Somebody has this user name already."))
        return name

    def person(self) -> User:
        names = ("full_name", "rank", "username", "email")
        return User(**{name: self.cleaned_data[name] for name in names})


class InviteForm(PersonFields):
    """A new person with their first post. `agency` and `role` are set for whoever may give one post only."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label=_("Agency"))
    role = forms.ChoiceField(label=_("Post"))
    title = LineField(
        label=_("Title"), max_length=120, required=False, help_text=_("For example Phó Giám đốc.")
    )
    valid_from = forms.DateField(label=_("From"), widget=DayInput)
    document = LineField(
        label=_("Document"),
        max_length=120,
        required=False,
        help_text=_("Number and symbol of the decision, for example 125/QĐ-UBND."),
    )
    document_on = forms.DateField(label=_("Date of the document"), widget=DayInput, required=False)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "agency", agencies)
        offer_choices(self, "role", [(role.value, role.label) for role in roles])
        if len(roles) == 1:  # a head adds focal points of the own agency: nothing to choose
            self.initial = {**self.initial, "agency": agencies[0], "role": roles[0]}
            for name in ("agency", "role"):
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            post = self.post()
            post.user = User()  # unsaved: the constraints that are about one person hold for a new one
            try:
                post.validate_constraints(exclude=["user"])
            except ValidationError as error:
                self.add_error(None, error)
        return values

    def post(self) -> Membership:
        names = ("agency", "role", "title", "valid_from", "document", "document_on")
        return Membership(**{name: self.cleaned_data[name] for name in names})

    @property
    def way(self) -> Invitation.Way:
        """By mail if there is an address."""
        return Invitation.Way.MAIL if self.cleaned_data["email"] else Invitation.Way.PRESENT


class ActivationForm(forms.Form):
    """Code and new password of the person whom a link belongs to.

    The code is looked at first: until it is right, nothing is said about the password.
    """

    activation_code = forms.CharField(max_length=20)
    password1 = forms.CharField(max_length=128, strip=False)
    password2 = forms.CharField(max_length=128, strip=False)

    def __init__(self, *args: Any, invitation: Invitation, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.at = at

    def clean_activation_code(self) -> str:
        code: str = self.cleaned_data["activation_code"]
        try:
            is_right = invitations.check_code(self.invitation, code, at=self.at)
        except throttle.TooManyFailures as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not is_right:
            raise ValidationError(_("This is not the code of this link. Read it once more from the slip."))
        return code

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if "activation_code" in self.cleaned_data:
            validate_password(password, self.invitation.user)
        return password

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        is_first_good = {"activation_code", "password1"} <= values.keys()
        if is_first_good and values.get("password2") != values["password1"]:
            self.add_error("password2", _("You must type the same password each time."))
        return values


class RecoveryForm(forms.Form):
    """Whose factor is lost, and how they were recognised."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"))
    note = forms.CharField(
        label=_("How did you recognise the person?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "For example: in front of me at the conference, identity card seen. Stays in the records."
        ),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", people)
        self.fields["person"].label_from_instance = lambda user: f"{user.get_full_name()} ({user.username})"
