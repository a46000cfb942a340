"""Reviews of the crawled province: one that is drafted, one that was approved; and their addresses."""

import datetime as dt

from tasks import period_reviews
from tasks.models import PeriodReview, Programme, ReportingPeriod
from tasks.period_review_contents import WRITTEN, Section
from tests import factories
from tests.factories import NOW, TODAY
from tests.isolation.people import COMMAND, MISSING, World
from tests.isolation.rows import OF_PARTIES, Row, Values, everybody, names, nobody

READERS = OF_PARTIES | {"viewer"}
PAST = TODAY - dt.timedelta(days=3)


def review(world: World, programme: Programme) -> None:
    """Words of the officer in both: the command reads them in the draft, every party once it is approved."""
    drafted = _period(world, programme, "draft", "semiannual")
    word = world.betray("sokethaucan", "review", COMMAND)
    _write(world, drafted, word)
    over = _period(world, programme, "approved", "annual")
    row = _write(world, over, world.betray("tongketdaduyet", "review", READERS))
    period_reviews.freeze(row, by=world.people["officer"], at=NOW)
    period_reviews.approve(row, by=world.people["commander"], at=NOW)


def _period(world: World, programme: Programme, name: str, kind: str) -> ReportingPeriod:
    days = {"data_from": PAST - dt.timedelta(days=90), "data_to": PAST, "due_on": PAST}
    row = factories.ReportingPeriodFactory(programme=programme, code=f"2026-{name[:5]}", kind=kind, **days)
    world.reviews[name] = row.pk
    return ReportingPeriod.objects.select_related("programme__host").get(pk=row.pk)


def _write(world: World, period: ReportingPeriod, word: str) -> PeriodReview:
    row = period_reviews.draft(period, by=world.people["officer"], at=NOW)
    row.paragraphs.exclude(
        section=Section.SITUATION
    ).delete()  # other words of the province have their readers
    for section in WRITTEN:
        text = f"Nội dung {word}"
        period_reviews.add(row, by=world.people["officer"], at=NOW, section=section, text=text)
    return row


# --- Rows of the crawler's table ------------------------------------------------------------------------
def _reviews(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.reviews.values(), MISSING)]


def _sections(world: World) -> list[Values]:
    return [values | {"slug": slug} for values in _reviews(world) for slug in ("lessons", "situation")]


def _is_there(world: World, values: Values) -> set[str]:
    """The period itself is every party's; what is asked of a review follows."""
    return set(READERS) if values["pk"] in world.reviews.values() else set()


def _sees(world: World, values: Values) -> set[str]:
    if values["pk"] == world.reviews["approved"]:
        return READERS - {"admin"}
    return set(COMMAND) if values["pk"] == world.reviews["draft"] else set()


_OFFICER, _COMMANDER = names("officer"), names("commander")
ROWS: dict[str, Row] = {
    "reviews:list": Row(everybody, reads=names(*READERS - {"admin"}, "stranger", "bare")),
    **{f"reviews:{name}": Row(_sees, _reviews) for name in ("detail", "compare", "paper")},
    "reviews:section": Row(_is_there, _sections, _OFFICER),
    **{f"reviews:{name}": Row(_is_there, _sections, nobody, _OFFICER) for name in ("save", "add")},
    **{
        f"reviews:{name}": Row(_is_there, _reviews, nobody, _OFFICER)
        for name in ("draft", "refresh", "address", "freeze")
    },
    **{f"reviews:{name}": Row(_is_there, _reviews, nobody, _COMMANDER) for name in ("approve", "give_back")},
    "reviews:number": Row(_is_there, _reviews, nobody, names("officer", "clerk")),
}
