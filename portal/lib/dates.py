"""Day arithmetic in local time, as pure functions over a Calendar value."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
SATURDAY = 5  # datetime.weekday()


@dataclass(frozen=True)
class Calendar:
    """Public holidays and swapped working days; loaded once, then pure."""

    holidays: frozenset[dt.date] = frozenset()
    worked: frozenset[dt.date] = frozenset()

    def is_working_day(self, day: dt.date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.holidays)

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return `day`, or the first working day after it.

        Source: Civil Code 2015, art. 148(5): a term that ends on a day off ends on the next working day.
        """
        while not self.is_working_day(day):
            day += dt.timedelta(days=1)
        return day

    def working_days_before(self, day: dt.date, count: int) -> dt.date:
        """Return the working day that lies `count` working days before `day`; `day` itself for none."""
        while count > 0:
            day -= dt.timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def working_days_after(self, day: dt.date, count: int) -> dt.date:
        """Return the working day that lies `count` working days after `day`; `day` itself for none."""
        for _step in range(count):
            day = self.next_working_day(day + dt.timedelta(days=1))
        return day

    def without(self, day: dt.date) -> "Calendar":
        """Return the calendar in which nothing special is said of the day."""
        return Calendar(self.holidays - {day}, self.worked - {day})


def local_day(at: dt.datetime) -> dt.date:
    """Return the calendar day in Việt Nam at the aware moment `at`."""
    return at.astimezone(LOCAL).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """Return the aware first moment of a local day."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=LOCAL)


def parse_moment(text: str) -> dt.datetime:
    """Return the aware moment of an ISO 8601 text; without a zone it is local. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
