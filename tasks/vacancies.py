"""Which parties of a programme have nobody at their head, or no focal point, and since when."""

import datetime as dt
from typing import Any

from django.db.models import Case, DateField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from portal.lib.dates import local_day
from portal.users.models import HEAD_ROLES, Membership, Role
from tasks import parties
from tasks.models import Programme

LONG_AGO = dt.date(1, 1, 1)
"""Since when a post that somebody holds is vacant: earlier than any that is."""


def gaps(programme: Programme, today: dt.date) -> QuerySet[Any]:
    """Return the parties with a post that nobody holds, marked `has_head` and `has_focal_point`.

    `last_held_on` is the last day of the post that fell vacant last, or the day on which the programme
    came into force. The host is no such party: its posts run the programme.
    """
    begun = local_day(programme.in_force_at) if programme.in_force_at else dt.date(programme.year, 1, 1)
    posts = Membership.objects.filter(agency=OuterRef("pk"))
    heads, focal_points = posts.filter(role__in=HEAD_ROLES), posts.filter(role=Role.FOCAL_POINT)
    there = parties.agencies(programme).valid_on(today).exclude(pk=programme.host_id)
    return (
        there.annotate(
            has_head=Exists(heads.held_on(today)), has_focal_point=Exists(focal_points.held_on(today))
        )
        .filter(Q(has_head=False) | Q(has_focal_point=False))
        .annotate(
            last_held_on=Greatest(
                _vacant("has_head", heads, today, begun),
                _vacant("has_focal_point", focal_points, today, begun),
            )
        )
    )


def _vacant(flag: str, posts: QuerySet[Membership], today: dt.date, begun: dt.date) -> Case:
    ended = posts.filter(valid_to__lt=today).order_by("-valid_to").values("valid_to")[:1]
    since = Coalesce(Subquery(ended), Value(begun, output_field=DateField()))
    return Case(
        When(**{flag: True}, then=Value(LONG_AGO, output_field=DateField())),
        default=Greatest(since, Value(begun, output_field=DateField())),
        output_field=DateField(),
    )
