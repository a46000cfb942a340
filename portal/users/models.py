"""People and the posts they hold in agencies."""

import datetime as dt
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.lib.text import fold, sort_key
from portal.users.records import Handover, Invitation, Recovery  # noqa: F401 - tables of this app


class Role(models.TextChoices):
    """What a post lets its holder do; docs/access.md says what each sees."""

    FOCAL_POINT = "focal_point", _("Focal point")
    AGENCY_HEAD = "agency_head", _("Head of agency")
    DEPUTY_HEAD = "deputy_head", _("Deputy head of agency")
    RECORDS_CLERK = "records_clerk", _("Records clerk")
    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    COMMANDER = "commander", _("Commander")
    VIEWER = "viewer", _("Viewer")
    ADMINISTRATOR = "administrator", _("Administrator")


COMMAND_ROLES = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.RECORDS_CLERK})
"""Posts of the host agency that run the programme."""

HEAD_ROLES = frozenset({Role.AGENCY_HEAD, Role.COMMANDER})
"""Posts that head their agency; the commander heads the host."""

SECOND_FACTOR_ROLES = frozenset(
    {Role.AGENCY_HEAD, Role.DEPUTY_HEAD, Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR}
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password nobody can log in as them until one is set."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who can sign in. What they may do follows from their post, not from flags here."""

    username = models.CharField(
        _("username"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()]
    )
    full_name = models.CharField(_("full name"), max_length=120)
    rank = models.CharField(_("military rank"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(
        _("telephone"), max_length=40, blank=True, help_text=_("At work; shown to those who urge.")
    )
    bounced_email = models.EmailField(blank=True, editable=False)  # the address that mail servers refused
    bounce_status = models.CharField(max_length=12, blank=True, editable=False)
    bounced_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    name_sort_key = models.CharField(max_length=600, editable=False)
    name_folded = models.CharField(max_length=200, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name()

    def save(self, *args: Any, **kwargs: Any) -> None:
        given_name_first = " ".join(reversed(self.full_name.split(" ")))  # lists sort by given name
        self.name_sort_key = sort_key(given_name_first)
        self.name_folded = fold(f"{self.username} {self.full_name}")
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Rank, if any, and name, as the Decree lets the armed forces write it."""
        return f"{self.rank} {self.full_name}".strip()

    @property
    def is_activated(self) -> bool:
        """Whether the person has chosen a password; a new account has none."""
        return self.has_usable_password()

    @property
    def is_unreachable(self) -> bool:
        """Whether the present address bounced; portal.notices.bounces says when that ends."""
        return bool(self.bounced_email) and self.bounced_email.casefold() == self.email.casefold()

    def get_short_name(self) -> str:
        return self.full_name

    @cached_property
    def post(self) -> "Membership | None":
        """The post held today; one person holds one at a time, the newest wins.

        Read once per request: a User in hand lives no longer than that.
        """
        return (
            Membership.objects.held_on(timezone.localdate())
            .filter(user=self)
            .select_related("agency")
            .first()
        )

    @property
    def next_post(self) -> "Membership | None":
        """The post that begins next, for whoever holds none today."""
        coming = self.memberships.filter(valid_from__gt=timezone.localdate())
        return coming.order_by("valid_from", "pk").first()

    @property
    def role(self) -> str | None:
        return self.post.role if self.post else None

    @property
    def agency_id(self) -> int | None:
        return self.post.agency_id if self.post else None

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin opens."""
        return self.is_active and self.role == Role.ADMINISTRATOR

    is_superuser = False  # nobody passes rules by a flag

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class MembershipQuerySet(models.QuerySet["Membership"]):
    def valid_on(self, day: dt.date) -> "MembershipQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def held_on(self, day: dt.date) -> "MembershipQuerySet":
        """Of each person the one post that counts on the day: see User.post."""
        later = Q(valid_from__gt=OuterRef("valid_from")) | Q(
            valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk")
        )
        newer = Membership.objects.valid_on(day).filter(later, user=OuterRef("user"))
        return self.valid_on(day).filter(~Exists(newer))


class Membership(models.Model):
    """A post: a person in an agency, in a role, between two days."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    title = models.CharField(_("title"), max_length=120, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    document = models.CharField(
        _("document"),
        max_length=120,
        blank=True,
        help_text=_("Number and symbol of the decision, for example 125/QĐ-UBND."),
    )
    document_on = models.DateField(_("date of the document"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["agency", "role", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="membership_dates_in_order",
                violation_error_message=_("The post ends before it begins."),
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(valid_to=None, role__in=[Role.AGENCY_HEAD, Role.COMMANDER]),
                name="membership_one_head",
                violation_error_message=_("This agency already has a head; end that post first."),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(valid_to=None),
                name="membership_one_open_post",
                violation_error_message=_("This person already holds a post; end it first."),
            ),
        ]
        indexes = [models.Index(fields=["agency", "role"], name="membership_agency_role")]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}, {self.agency}"

    def clean(self) -> None:
        """Posts that run the programme see every agency: they are all of one, and no other has any."""
        super().clean()
        if self.role not in COMMAND_ROLES or not self.agency_id or not self.valid_from:
            return
        command = Membership.objects.valid_on(self.valid_from).filter(role__in=COMMAND_ROLES)
        if command.exclude(agency=self.agency_id).exists():
            raise ValidationError({"role": _("Only the agency that runs the programme has this post.")})


class UsedCode(models.Model):
    """A one-time code that was spent. The unique row is what makes it one-time, on every process."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_codes")  # worthless without them
    step = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "step"], name="used_code_once")]


class Failure(models.Model):
    """An answer to a question of secrecy that was wrong, or is being looked at; see throttle."""

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["address", "at"], name="failure_address_at"),
            models.Index(fields=["at"], name="failure_at"),
        ]


class SignIn(models.Model):
    """A browser in which a person is signed in, from the login to its end. Kept by portal.users.sessions."""

    user = models.ForeignKey(
        User, models.CASCADE, verbose_name=_("person"), related_name="sign_ins"
    )  # theirs
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    signed_in_at = models.DateTimeField(_("signed in at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    address = models.CharField(_("address"), max_length=45, blank=True)
    browser = models.CharField(_("browser"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-last_seen_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("signed_in_at")), name="sign_in_times_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.signed_in_at:%d/%m/%Y}"


class StepUp(models.Model):
    """That a signed-in person proved anew who they are, for one purpose; portal.users.step_up says how long.

    It hangs on the sign-in and ends with it.
    """

    sign_in = models.ForeignKey(SignIn, models.CASCADE, related_name="step_ups")  # worthless without it
    purpose = models.CharField(max_length=20)
    path = models.CharField(max_length=200, blank=True)  # of the one thing it is for, if it is for one
    mark = models.CharField(max_length=64)  # changes with password and post
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sign_in", "purpose", "path"], name="step_up_one_each")
        ]
