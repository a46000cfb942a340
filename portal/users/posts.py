"""Posts that pass from an agency to its successor: the old one ends the day before the new one begins."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.errors import RuleError
from portal.users.models import Membership, User

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Passing:
    """What becomes of a post: `to` None ends it."""

    post: Membership
    to: Agency | None
    role: str


def pass_on(
    rows: Collection[Passing], *, on: dt.date, document: str, document_on: dt.date, by: User, at: dt.datetime
) -> int:
    """Move posts on a day, all that end before any begins; return how many people go on.

    Only within the action that carries the change of agencies out. A post that was to begin on the day or
    later simply begins at the successor. Whoever holds that very post there already holds it once. Raises
    RuleError when the successor cannot have the post, a second head for example.
    """
    held = {passing.post.pk: passing for passing in rows}
    posts = Membership.objects.select_for_update(of=("self",)).select_related("user", "agency")
    locked = list(posts.filter(pk__in=held).order_by("pk"))
    until = {post.pk: post.valid_to for post in locked}
    began = [post for post in locked if post.valid_from < on]
    for post in began:
        post.valid_to = on - DAY
        post.save(update_fields=["valid_to"])
    moved = 0
    for post in locked:
        passing = held[post.pk]
        if passing.to is None or _holds_already(post, passing, on):
            continue
        taken = post if post not in began else Membership(user=post.user, title=post.title, valid_from=on)
        taken.valid_to = until[post.pk]
        taken.agency, taken.role = passing.to, passing.role
        taken.document, taken.document_on = document[:120], document_on
        _save(taken)
        facts = {"role": taken.role, "from": taken.valid_from, "predecessor": post.agency.code}
        record("membership.moved", taken, by=by, at=at, agency_code=passing.to.code, payload=facts)
        moved += 1
    return moved


def _holds_already(post: Membership, passing: Passing, on: dt.date) -> bool:
    there = Membership.objects.valid_on(on).filter(user=post.user, agency=passing.to, role=passing.role)
    return there.exclude(pk=post.pk).exists()


def _save(post: Membership) -> None:
    try:
        post.full_clean()
    except ValidationError as error:
        raise RuleError(f"{post.user.get_full_name()}: {' '.join(error.messages)}") from error
    post.save()
