"""Who still holds the post for which they were told: asked again when something is about to leave."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from portal.lib.dates import local_day
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

    def held(self, person: int, day: dt.date) -> set[tuple[int, str]]:
        """Return agency and role of each post on a day."""
        return {
            (post.agency_id, post.role)
            for post in self.posts[person]
            if post.valid_from <= day and (post.valid_to is None or post.valid_to >= day)
        }

    def holds_any(self, person: int) -> bool:
        return bool(self.held(person, self.today))

    def holds_still(self, notice: Notice) -> bool:
        """Whether its reader has the post of the day on which it was told; none then is as good as any."""
        then = self.held(notice.recipient_id, local_day(notice.created_at))
        now = self.held(notice.recipient_id, self.today)
        return bool(now) and (not then or bool(then & now))
