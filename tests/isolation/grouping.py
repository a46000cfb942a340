"""Standing groups of the crawled province: one of the host and SXD, one of the host and STC."""

import datetime as dt
from collections.abc import Callable

from tasks.models import GroupMember, GroupPlanItem, LegalBasis, StandingGroup
from tests.factories import TODAY
from tests.isolation.people import COMMAND, MISSING, POSTS, World
from tests.isolation.rows import RUNS, Row, Values, Who, everybody, names, nobody

BEGUN = dt.date(2026, 1, 1)


def gather(world: World) -> None:
    """Each group with a plan whose words are its members', the command's and viewers'."""
    basis = LegalBasis.objects.create(wording="Căn cứ Nghị định về phối hợp", number="03/2019/NĐ-CP")
    for key, code in (("SXD", "SXD"), ("STC", "STC")):
        readers = world.members({"BCHQS", code}) | COMMAND | {"viewer"}
        group = StandingGroup.objects.create(
            name=f"Nhóm {world.betray(f'nhomthuongtruc{key.lower()}', 'group', readers | {'admin'})}",
            basis=basis, host=world.agencies["BCHQS"], begins_on=BEGUN,
        )  # fmt: skip
        for agency in ("BCHQS", code):
            row = GroupMember.objects.create(group=group, agency=world.agencies[agency], valid_from=BEGUN)
        word = world.betray(f"kehoachnhom{key.lower()}", "plan of a group", readers)
        item = GroupPlanItem.objects.create(
            group=group, year=TODAY.year, order=1, title=f"Việc {word}", lead=world.agencies[code],
            due_on=TODAY + dt.timedelta(days=30),
        )  # fmt: skip
        world.groups |= {key: group.pk, f"{key} item": item.pk, f"{key} member": row.pk}


# --- Rows of the crawler's table ------------------------------------------------------------------------
def _groups(world: World) -> list[Values]:
    return [{"pk": pk} for pk in (world.groups["SXD"], world.groups["STC"], MISSING)]


def sees(world: World, values: Values) -> set[str]:
    code = next((key for key in ("SXD", "STC") if world.groups[key] == values["pk"]), None)
    if code is None:
        return set()
    members = {n for n, (own, _role) in POSTS.items() if own in {"BCHQS", code}} - {"admin"}
    return members | COMMAND | {"viewer"}


def _parts(name: str) -> Callable[[World], list[Values]]:
    def values(world: World) -> list[Values]:
        own = [{"pk": world.groups[key], name: world.groups[f"{key} {name[:-3]}"]} for key in ("SXD", "STC")]
        return [*own, {"pk": world.groups["SXD"], name: world.groups[f"STC {name[:-3]}"]}]

    return values


def _sees_part(world: World, values: Values) -> set[str]:
    name = next(name for name in values if name != "pk")
    key = next(key for key in ("SXD", "STC") if world.groups[key] == values["pk"])
    return sees(world, values) if world.groups[f"{key} {name[:-3]}"] == values[name] else set()


def _reports(world: World, values: Values) -> set[str]:
    """Whoever works for the member in charge, and who runs the group."""
    key = next(key for key in ("SXD", "STC") if world.groups[key] == values["pk"])
    return {n for n, (own, _role) in POSTS.items() if own == key} | RUNS


_RUNS = names(*RUNS)


def _of_item(reads: Who = nobody, sends: Who = nobody) -> Row:
    return Row(_sees_part, _parts("item_pk"), reads, sends)


ROWS: dict[str, Row] = {
    "groups:list": Row(everybody),
    "groups:new": Row(everybody, reads=_RUNS, sends=_RUNS),
    "groups:detail": Row(sees, _groups),
    "groups:admit": Row(sees, _groups, nobody, _RUNS),
    "groups:end": Row(sees, _groups, nobody, _RUNS),
    "groups:add": Row(sees, _groups, _RUNS, _RUNS),
    "groups:release": Row(_sees_part, _parts("member_pk"), nobody, _RUNS),
    "groups:item": _of_item(everybody),
    "groups:edit": _of_item(_RUNS, _RUNS),
    "groups:report": _of_item(nobody, _reports),
    "groups:drop": _of_item(nobody, _RUNS),
}
