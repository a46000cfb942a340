"""What the list of all certificates shows."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements import access, certificates
from agreements.models import Suspension
from portal.lib.text import fold
from portal.users.models import User


class Condition(TextChoices):
    """How it stands with a certificate today."""

    VALID = "valid", _("in use")
    EXPIRING = "expiring", _("ends within 60 days")
    SUSPENDED = "suspended", pgettext_lazy("certificate", "suspended")
    EXPIRED = "expired", pgettext_lazy("certificate", "ended")
    REVOKED = "revoked", _("revoked")


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see: words in a name, and how it stands with the certificate."""

    words: str = ""
    condition: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, query: QueryDict, rows: QuerySet[Any]) -> "Choice":
        words = "".join(letter for letter in query.get("q", "")[:100] if letter.isprintable())
        condition = query.get("state", "")
        found = rows.order_by().values_list("condition").annotate(n=Count("pk"))
        return cls(words.strip(), condition if condition in Condition else "", dict(found))

    @property
    def conditions(self) -> list[tuple[str, str, int]]:
        return [(one.value, str(one.label), self.counts.get(one.value, 0)) for one in Condition]

    @property
    def expiring(self) -> int:
        return self.counts.get(Condition.EXPIRING, 0)


def told(user: User, *, at: dt.datetime) -> QuerySet[Any]:
    """Return the certificates that the user sees, each with its `condition`."""
    is_suspended = Exists(Suspension.objects.filter(certificate=OuterRef("pk"), lifted_at=None))
    return access.visible_certificates(user).annotate(
        condition=Case(
            When(revoked_at__isnull=False, then=Value(Condition.REVOKED)),
            When(not_after__lte=at, then=Value(Condition.EXPIRED)),
            When(is_suspended, then=Value(Condition.SUSPENDED)),
            When(not_after__lte=at + certificates.RENEWABLE, then=Value(Condition.EXPIRING)),
            default=Value(Condition.VALID),
            output_field=CharField(),
        )
    )


def matching(rows: QuerySet[Any], chosen: Choice) -> QuerySet[Any]:
    """Return those that the reader asked to see: what ends first comes first, else by agency and name."""
    for word in fold(chosen.words).split():
        in_names = Q(user__name_folded__contains=word) | Q(agency__name_folded__contains=word)
        rows = rows.filter(in_names | Q(serial__startswith=word))
    if chosen.condition:
        rows = rows.filter(condition=chosen.condition)
    if chosen.condition == Condition.EXPIRING:
        return rows.order_by("not_after", "pk")
    return rows.order_by("agency__protocol_order", "common_name", "-not_before", "pk")
