"""What a row of the who-may matrix is, and how rows become a page. The matrix itself: tests/who_may.py."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ROLES = {
    "commander": "Chỉ huy trưởng",
    "programme_officer": "Trợ lý chương trình",
    "records_clerk": "Văn thư",
    "agency_head": "Thủ trưởng",
    "deputy_head": "Cấp phó",
    "focal_point": "Đầu mối",
    "viewer": "Người xem",
    "administrator": "Quản trị",
}
RELATIONS = {
    "host": "cơ quan chủ trì chương trình",
    "lead": "cơ quan chủ trì nhiệm vụ",
    "coordinating": "cơ quan phối hợp",
    "party": "cơ quan ký kết khác",
    "outside": "cơ quan ngoài chương trình",
}
"""What a person's agency has to do with the thing. The host leads nothing here but its own."""

PEOPLE = {
    "self": "chính mình",
    "agency": "người cùng cơ quan",
    "other": "người cơ quan khác",
}
"""Whom it is about, seen from the person who asks."""

ELSEWHERE = {name: label for name, label in PEOPLE.items() if name != "self"}

SHARES = {"maker": "người đã làm ra việc này", "self": "người được giúp", "other": "người khác"}
"""What part a person has had in what is done for another: has sent it, opened it, approved it."""

Who = Mapping[str, frozenset[str]]  # relation → roles

HEADS = frozenset({"commander", "agency_head", "deputy_head"})
WORKS = HEADS | {"focal_point", "programme_officer"}
PARTIES = ("host", "lead", "coordinating", "party")

PROGRAMME = ("draft", "consulting", "settled", "frozen", "in_force", "closed", "terminated")
DOCUMENT = ("draft", "frozen", "signing", "closed", "issued", "superseded", "terminated")
ASSIGNMENT = (
    *("draft", "assigned", "accepted", "returned", "in_progress", "awaiting_head"),
    *("submitted", "confirmed", "rejected", "suspended", "cancelled", "carried_over"),
)
EXTENSION = ("pending", "approved", "refused", "withdrawn", "lapsed")
CONFERENCE = ("preparing", "invited", "frozen", "signed", "cancelled")
REPORT = ("draft", "awaiting_head", "submitted", "accepted", "returned")


@dataclass(frozen=True)
class Row:
    """One action: its full name, who may, of which states, and in which of them it is done.

    Whoever may not is refused with PermissionDenied in every state; who may, in another state, hears
    the rule (RuleError). PREPARE in tests/test_who_may.py or tests/test_who_may_people.py says how it is
    asked for. `case` tells rows of one action apart.
    """

    action: str
    what: str
    who: Who
    states: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    relations: Mapping[str, str] = field(default_factory=lambda: RELATIONS)
    case: str = ""

    @property
    def key(self) -> str:
        return f"{self.action} {self.case}".strip()

    def may(self, relation: str, role: str) -> bool:
        return role in self.who.get(relation, ())


def of(relations: str, roles: frozenset[str] | set[str]) -> Who:
    return dict.fromkeys(relations.split(), frozenset(roles))


def row(
    action: str,
    what: str,
    who: Who,
    states: tuple[str, ...] | str = "any",
    done: str = "any",
    *,
    relations: Mapping[str, str] = RELATIONS,
    case: str = "",
) -> Row:
    states = tuple(states.split()) if isinstance(states, str) else states
    return Row(action, what, who, states, frozenset(done.split()), relations, case)


def legend(relations: Mapping[str, str]) -> str:
    return ", ".join(f"**{name}** {label}" for name, label in relations.items())


def grid(rows: list[Row]) -> Iterator[str]:
    yield "| việc · action | " + " | ".join(f"{ROLES[role]}<br>{role}" for role in ROLES) + " | done when |"
    yield "| --- |" + " --- |" * (len(ROLES) + 1)
    for row in rows:
        cells = [", ".join(r for r in row.relations if row.may(r, role)) for role in ROLES]
        cells = ["all" if cell == ", ".join(row.relations) else cell for cell in cells]
        done = ", ".join(state for state in row.states if state in row.done and state != "any")
        yield f"| {row.what}<br>`{row.action}` | " + " | ".join(cells) + f" | {done} |"
