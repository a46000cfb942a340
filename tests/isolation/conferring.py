"""The conferences of the crawled province, and what the crawler knows of their addresses."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from agreements.models import (
    AgendaItem,
    BriefingList,
    Conclusion,
    Conference,
    Contribution,
    InvitedAgency,
    MinutesPart,
)
from tasks.models import Programme
from tests import factories
from tests.factories import NOW
from tests.isolation.people import COMMAND, MISSING, POSTS, World
from tests.isolation.rows import RUNS, Row, Values, Who, everybody, names, nobody, sees_programme, years

INVITED = ("BCHQS", "SXD", "STC")
BRIEFED = ("BCHQS", "SXD")
KEY = "d" * 32
READERS = {n for n, (code, _role) in POSTS.items() if code in INVITED} - {"admin"} | COMMAND | {"viewer"}


def confer(world: World, programme: Programme) -> None:
    """One conference that was held, with words of three agencies; one in preparation, with its own."""
    chair, officer = world.people["commander"], world.people["officer"]
    facts = {"programme": programme, "chair": chair, "secretary": officer, "place": "Hội trường"}
    held = Conference.objects.create(
        title="Hội nghị đã mời", starts_at=NOW - dt.timedelta(hours=1), delegates_until=NOW.date(),
        door_key=KEY, state="invited", invited_at=NOW, **facts,
    )  # fmt: skip
    word = world.betray("hoinghichuanbi", "conference", COMMAND)
    prepared = Conference.objects.create(
        title=f"Hội nghị {word}", starts_at=NOW, delegates_until=NOW.date(), door_key="e" * 32, **facts
    )
    world.conferences = {"held": held.pk, "prepared": prepared.pk}
    AgendaItem.objects.create(conference=held, order=1, title="Khai mạc")
    for n, code in enumerate(INVITED, 1):
        _answer(world, held, code, n)
    word = world.betray("ketluanhoinghi", "conclusion", COMMAND)
    world.conclusion = Conclusion.objects.create(conference=held, order=1, text=f"Kết luận {word}").pk
    word = world.betray("bienbansua", "conclusion", COMMAND)
    MinutesPart.objects.create(conference=held, section="closing", text=f"Kết thúc {word}")
    _brief(world, facts)


def _brief(world: World, facts: dict[str, Any]) -> None:
    """A briefing with one department: its list names what is owed, to it and the command alone."""
    row = Conference.objects.create(
        kind="briefing", title="Giao ban quý I", starts_at=NOW - dt.timedelta(hours=1),
        delegates_until=NOW.date(), door_key="f" * 32, state="invited", invited_at=NOW, **facts,
    )  # fmt: skip
    world.conferences["briefing"] = row.pk
    for n, code in enumerate(BRIEFED, 1):
        InvitedAgency.objects.create(conference=row, agency=world.agencies[code], order=n)
    word = world.betray("danhmucgiaoban", "list of a briefing", world.members(set(BRIEFED)) | COMMAND)
    owed = {
        "kind": "assignment", "id": 1, "code": "1.01", "title": f"Việc {word}", "agency": "Sở Xây dựng",
        "agency_id": world.agencies["SXD"].pk, "due_on": "2026-03-01", "days": 16,
    }  # fmt: skip
    parts: dict[str, Any] = dict.fromkeys(("reports", "extensions", "urgings", "plan"), ())
    content = {"on": f"{NOW:%Y-%m-%d}", "agencies": 2, "duties": [owed], **parts}
    BriefingList.objects.create(
        conference=row, taken_on=NOW.date(), content=content, content_sha256="0" * 64,
        frozen_by=world.people["officer"], frozen_at=NOW,
    )  # fmt: skip


def _answer(world: World, held: Conference, code: str, order: int) -> None:
    agency, readers = world.agencies[code], world.members({code}) | COMMAND
    by = world.people["officer" if code == "BCHQS" else f"{code.lower()}_focal"]
    words = {
        name: world.betray(f"{name}{code.lower()}", "answer of a conference", readers)
        for name in ("daibieu", "thamluan", "baoluu")
    }
    InvitedAgency.objects.create(
        conference=held, agency=agency, order=order, assent="mostly",
        reservation=f"Cần {words['baoluu']}", assent_by=by, assent_at=NOW,
    )  # fmt: skip
    delegate = factories.DelegateFactory(
        conference=held, agency=agency, name=f"Ông {words['daibieu']}", named_by=by
    )
    said = Contribution.objects.create(
        conference=held, agency=agency, text=f"Nói {words['thamluan']}", by=by, at=NOW
    )
    world.delegates[code], world.contributions[code] = delegate.pk, said.pk


# --- Rows of the crawler's table ------------------------------------------------------------------------
def _conferences(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (*world.conferences.values(), MISSING)]


def sees_conference(world: World, values: Values) -> set[str]:
    if values["pk"] == world.conferences["held"]:
        return set(READERS)
    if values["pk"] == world.conferences["briefing"]:
        return sees_list(world, values) | {"viewer"}
    return set(COMMAND) if values["pk"] == world.conferences["prepared"] else set()


def sees_list(world: World, values: Values) -> set[str]:
    """The frozen list of the briefing; other meetings have none. Viewers read no lists of who is late."""
    if values["pk"] != world.conferences["briefing"]:
        return set()
    return {n for n, (code, _role) in POSTS.items() if code in BRIEFED} - {"admin", "viewer"} | COMMAND


def _agencies(world: World) -> list[Values]:
    held = world.conferences["held"]
    asked = [{"pk": held, "code": code} for code in ("SXD", "STC", "SYT")]
    briefed = [{"pk": world.conferences["briefing"], "code": code} for code in ("SXD", "STC")]
    return [*asked, *briefed, {"pk": MISSING, "code": "SXD"}]


def _own(world: World, code: str) -> set[str]:
    return {n for n, (own, _role) in POSTS.items() if own == code} - {"admin", "viewer"} | COMMAND


def sees_agency_part(world: World, values: Values) -> set[str]:
    asked = {world.conferences["held"]: INVITED, world.conferences["briefing"]: BRIEFED}
    return _own(world, values["code"]) if values["code"] in asked.get(values["pk"], ()) else set()


def _answers(world: World, values: Values) -> set[str]:
    return _own(world, values["code"]) - {"clerk"}


def _agrees(world: World, values: Values) -> set[str]:
    return {name for name in _answers(world, values) if not name.endswith("_focal")}


def _rows_of(name: str, kept: Callable[[World], dict[str, int]]) -> Row:
    """Delegates, or contributions: each agency's own."""

    def values(world: World) -> list[Values]:
        held = world.conferences["held"]
        return [{"pk": held, name: pk} for pk in (*kept(world).values(), MISSING)]

    def sees(world: World, values: Values) -> set[str]:
        code = {pk: code for code, pk in kept(world).items()}.get(values[name])
        return _own(world, code) if code else set()

    def sends(world: World, values: Values) -> set[str]:
        people = sees(world, values) - {"clerk"}
        if name == "contribution_pk":  # whoever wrote it, and who runs the programme
            people = {who for who in people if who.endswith("_focal") or who in RUNS}
        return people

    return Row(sees, values, nobody, sends)


def _door(world: World) -> list[Values]:
    held = world.conferences["held"]
    return [{"pk": held, "key": KEY}, {"pk": held, "key": "0" * 32}, {"pk": MISSING, "key": KEY}]


def _through_the_door(world: World, values: Values) -> set[str]:
    is_there = values["pk"] == world.conferences["held"] and values["key"] == KEY
    return set(READERS) if is_there else set()


def _concluded(world: World) -> list[Values]:
    held = world.conferences["held"]
    return [{"pk": held, "conclusion_pk": pk} for pk in (world.conclusion, MISSING)]


def _sees_conclusion(world: World, values: Values) -> set[str]:
    return set(COMMAND) if values["conclusion_pk"] == world.conclusion else set()


def _sees_minutes(world: World, values: Values) -> set[str]:
    """Nothing is frozen in the world: a draft is the command's."""
    return sees_conference(world, values) & COMMAND


def _sees_notice(world: World, values: Values) -> set[str]:
    """Of the briefing alone, and as its minutes."""
    return sees_list(world, values) & COMMAND


def of_held(reads: Who = nobody, sends: Who = nobody) -> Row:
    return Row(sees_conference, _conferences, reads, sends)


_STEPS = names(*RUNS)
ROWS: dict[str, Row] = {
    "conferences:list": Row(everybody),
    "conferences:new": Row(sees_programme, years, _STEPS, _STEPS),
    "conferences:detail": of_held(everybody),
    "conferences:edit": of_held(_STEPS, _STEPS),
    "conferences:invite": of_held(nobody, _STEPS),
    "conferences:call_off": of_held(nobody, _STEPS),
    "conferences:delegates": of_held(names(*COMMAND)),
    "conferences:export": of_held(names(*COMMAND)),
    "conferences:attendance": of_held(_STEPS, _STEPS),
    "conferences:door": of_held(_STEPS),
    "conferences:arrive": Row(_through_the_door, _door, everybody, everybody),
    "conferences:agency": Row(sees_agency_part, _agencies),
    "conferences:letter": Row(sees_agency_part, _agencies),
    **{
        f"conferences:{name}": Row(sees_agency_part, _agencies, nobody, _answers)
        for name in ("name", "excuse", "contribute")
    },
    "conferences:agree": Row(sees_agency_part, _agencies, nobody, _agrees),
    "conferences:withdraw_delegate": _rows_of("attendance_pk", lambda world: world.delegates),
    "conferences:take_back": _rows_of("contribution_pk", lambda world: world.contributions),
    "conferences:conclusions": of_held(names(*COMMAND), _STEPS),
    **{
        f"conferences:{name}": Row(_sees_conclusion, _concluded, nobody, _STEPS)
        for name in ("assign", "put_in_plan", "drop")
    },
    **{f"conferences:{name}": Row(sees_list, _conferences) for name in ("briefing", "briefing_paper")},
    "conferences:briefing_notice": Row(_sees_notice, _conferences),
    "conferences:hold": of_held(nobody, _STEPS),
    "conferences:minutes": Row(_sees_minutes, _conferences),
    "conferences:minutes_paper": Row(_sees_minutes, _conferences),
    "conferences:write_minutes": of_held(_STEPS, _STEPS),
    **{
        f"conferences:{name}_minutes": Row(_sees_minutes, _conferences, nobody, _STEPS)
        for name in ("freeze", "reopen", "sign")
    },
}
