"""Who still holds the post for which they were told: asked again when something is about to leave."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from portal.lib.dates import local_day
from portal.notices import kinds
from portal.notices.models import Notice
from portal.users.models import Membership


@dataclass(frozen=True)
class Holders:
    """The posts of some people on a day, and those they held before. One query."""

    today: dt.date
    posts: dict[int, list[Membership]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, people: Collection[int], today: dt.date) -> "Holders":
        found = cls(today)
        for post in Membership.objects.filter(user__in=people):
            found.posts[post.user_id].append(post)
        return found

    def held(self, person: int, day: dt.date) -> tuple[int, str] | None:
        """Return agency and role of the post that counts on a day: see User.post."""
        valid = [
            post
            for post in self.posts[person]
            if post.valid_from <= day and (post.valid_to is None or post.valid_to >= day)
        ]
        newest = max(valid, key=lambda post: (post.valid_from, post.pk), default=None)
        return (newest.agency_id, newest.role) if newest else None

    def holds_any(self, person: int) -> bool:
        return self.held(person, self.today) is not None

    def holds_still(self, notice: Notice) -> bool:
        """Whether its reader has the post of the day on which it was told; none then is as good as any.

        Another post of that agency that the kind is for will do: a focal point who was promoted to head.
        """
        then = self.held(notice.recipient_id, local_day(notice.created_at))
        now = self.held(notice.recipient_id, self.today)
        if now is None or then is None or then == now:
            return now is not None
        kind = kinds.find(notice.kind)
        meant = {role for roles in kind.audience for role in roles} if kind else set()
        return then[0] == now[0] and now[1] in meant
