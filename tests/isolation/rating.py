"""The rating of the crawled province: told to the agencies, and one has asked to look again.

With the rows of the crawler's table about it.
"""

import datetime as dt
from decimal import Decimal

from tasks import rating_sheets, ratings
from tasks.models import (
    Assignment,
    Programme,
    RatingDecision,
    RatingPoint,
    RatingRound,
    RatingSheet,
    SupportAnswer,
    SupportReceipt,
)
from tasks.rating_sheets import Given, Verdict
from tests.factories import NOW, TODAY
from tests.isolation.people import COMMAND, MISSING, POSTS, YEAR, World
from tests.isolation.rows import (
    OF_PARTIES,
    RUNS,
    SIGNERS,
    Row,
    Values,
    everybody,
    names,
    nobody,
    sees_programme,
    years,
)

RATED = ("SXD", "STC")
DAY = dt.timedelta(days=1)
AGENCY_SIGNERS = SIGNERS - {"commander"}


def rate(world: World, programme: Programme) -> None:
    """Words of two agencies, the officer's reasons, a proof and a request; a grade that nobody knows yet."""
    officer = world.people["officer"]
    round_ = ratings.prepare(programme, by=officer, at=NOW)
    ratings.publish(round_, by=officer, at=NOW)
    for code in RATED:
        _score(world, code)
    rows = RatingSheet.objects.select_related("round__programme__host", "agency")
    for sheet in rows.exclude(agency__code__in=RATED):  # silent ones read their points too
        world.rating_sheets[sheet.agency.code] = sheet.pk
        _verify(world, sheet)
    ratings.announce(round_, by=officer, at=NOW + DAY, review_until=TODAY + 30 * DAY)
    point = RatingPoint.objects.select_related("criterion", "sheet__round__programme__host").get(
        pk=world.rating_points["SXD"]
    )
    words = world.betray("lydophuctra", "rating", world.members({"SXD"}) | COMMAND)
    asked = rating_sheets.ask_again(point, by=world.people["sxd_head"], at=NOW + DAY, reason=f"Vì {words}")
    world.reexamination = asked.pk
    word = world.betray("lydoxeploai", "rating", COMMAND)
    grade = RatingRound.objects.get().grades.get(place=1)
    RatingSheet.objects.update(grade=grade, grade_reason=f"Xét {word}")


def _score(world: World, code: str) -> None:
    head, readers = world.people[f"{code.lower()}_head"], world.members({code}) | COMMAND
    rows = RatingSheet.objects.select_related("round__programme__host", "agency")
    sheet = rows.get(agency__code=code)
    point = sheet.points.select_related("criterion").get(criterion__order=4)
    point.sheet = sheet
    world.rating_sheets[code], world.rating_points[code] = sheet.pk, point.pk
    if code == "SXD":
        duty = Assignment.objects.get(pk=world.assignments["1.01"])
        world.rating_proof = rating_sheets.prove(point, by=head, at=NOW, assignment=duty).pk
    words = world.betray(f"tucham{code.lower()}", "rating", readers)
    given = {row.criterion_id: Given(Decimal(5), f"Căn cứ {words}") for row in sheet.points.all()}
    rating_sheets.save(sheet, by=head, at=NOW, given=given)
    rating_sheets.submit(sheet, by=head, at=NOW)
    _verify(world, sheet, world.betray(f"thamdinh{code.lower()}", "rating", readers))


def _verify(world: World, sheet: RatingSheet, words: str = "") -> None:
    RatingRound.objects.update(self_due_on=TODAY - DAY)
    verdicts = {row.criterion_id: Verdict(Decimal(4), f"Xem {words}") for row in sheet.points.all()}
    rating_sheets.verify(sheet, by=world.people["officer"], at=NOW, verdicts=verdicts)


def decide(world: World) -> None:
    """Rows that come later: a decision, and an answer about the command's support with its receipt."""
    round_, commander = RatingRound.objects.get(), world.people["commander"]
    frozen = {"content": {}, "content_sha256": "0" * 64, "approved_at": NOW}
    RatingDecision.objects.create(round=round_, approved_by=commander, **frozen)
    SupportReceipt.objects.create(round=round_, agency=world.agencies["SXD"])
    marks = dict.fromkeys(("guidance_mark", "answers_mark", "help_mark", "burden_mark"), 3)
    SupportAnswer.objects.create(id="1" * 32, round=round_, words="Cần tập huấn", **marks)


# --- Who sees what ---------------------------------------------------------------------------------
def sees_year(world: World, values: Values) -> set[str]:
    return (OF_PARTIES | {"viewer"}) - {"admin"} if values["year"] == YEAR else set()


def sees_no_decision(world: World, values: Values) -> set[str]:
    """Nothing is approved yet: the command finds nothing there, others are not let so far."""
    return sees_year(world, values) - COMMAND


def sheets(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.rating_sheets.values(), MISSING)]


def points(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.rating_points.values(), MISSING)]


def _of(world: World, code: str) -> set[str]:
    return set(world.members({code}) | COMMAND)


def _code(found: dict[str, int], values: Values) -> str:
    return {pk: code for code, pk in found.items()}.get(values["pk"], "")


def sees_sheet(world: World, values: Values) -> set[str]:
    code = _code(world.rating_sheets, values)
    return _of(world, code) if code else set()


def sees_point(world: World, values: Values) -> set[str]:
    code = _code(world.rating_points, values)
    return _of(world, code) if code else set()


def of_sxd(world: World, values: Values) -> set[str]:
    return set() if values["pk"] == MISSING else _of(world, "SXD")


OWN = names(*(name for name in POSTS if name.startswith(("front_", "sxd_", "stc_", "syt_"))))
OWN_HEADS = names(*AGENCY_SIGNERS)
OFFICER, COMMANDER = names("officer"), names("commander")

ROWS = {
    "ratings:list": Row(everybody),
    "ratings:detail": Row(sees_programme, years),
    "ratings:prepare": Row(sees_programme, years, nobody, OFFICER),
    "ratings:criteria": Row(sees_year, years, OFFICER, OFFICER),
    "ratings:propose": Row(sees_year, years, OFFICER, OFFICER),
    "ratings:export": Row(sees_year, years, names(*COMMAND)),
    "ratings:paper": Row(sees_year, years, names(*COMMAND)),
    **{
        f"ratings:{name}": Row(sees_no_decision, years, nobody)
        for name in ("rewards", "export_rewards", "reward_paper")
    },
    "ratings:support": Row(sees_year, years, names(*COMMAND, *AGENCY_SIGNERS), OWN_HEADS),
    "ratings:publish": Row(sees_year, years, nobody, names(*RUNS)),
    "ratings:announce": Row(sees_year, years, nobody, OFFICER),
    "ratings:give_back": Row(sees_year, years, nobody, COMMANDER),
    "ratings:approve": Row(sees_year, years, nobody, COMMANDER),
    "ratings:sheet": Row(sees_sheet, sheets),
    "ratings:score": Row(sees_sheet, sheets, OWN, OWN),
    "ratings:verify": Row(sees_sheet, sheets, OFFICER, OFFICER),
    "ratings:submit": Row(sees_sheet, sheets, nobody, OWN),
    "ratings:send": Row(sees_sheet, sheets, nobody, OWN_HEADS),
    "ratings:send_back": Row(sees_sheet, sheets, nobody, OWN_HEADS),
    "ratings:prove": Row(sees_point, points, nobody, OWN),
    "ratings:ask_again": Row(sees_point, points, nobody, OWN_HEADS),
    "ratings:drop_proof": Row(of_sxd, lambda w: [{"pk": w.rating_proof}, {"pk": MISSING}], nobody, OWN),
    "ratings:answer": Row(of_sxd, lambda w: [{"pk": w.reexamination}, {"pk": MISSING}], nobody, OFFICER),
}
