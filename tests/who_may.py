"""The who-may matrix: who may do what, in which states. One row for every @action of the portal.

The table makes the test (tests/test_who_may.py asks every post of every agency in every state) and the
page docs/who-may.md; `python -m tests.who_may` writes the page anew. It repeats nothing of access.py.

A new action: add its Row, or its reason to NOT_ASKED when no person can ask for it.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.source import BASE, at, modules, nodes

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


@dataclass(frozen=True)
class Row:
    """One action: its full name, who may, of which states, and in which of them it is done.

    Whoever may not is refused with PermissionDenied in every state; who may, in another state, hears
    the rule (RuleError). PREPARE in tests/test_who_may.py says how it is asked for.
    """

    action: str
    what: str
    who: Who
    states: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()

    def may(self, relation: str, role: str) -> bool:
        return role in self.who.get(relation, ())


def _of(relations: str, roles: frozenset[str] | set[str]) -> Who:
    return dict.fromkeys(relations.split(), frozenset(roles))


_RUNS = _of("host", {"commander", "programme_officer"})
_COMMANDER = _of("host", {"commander"})
_OFFICER = _of("host", {"programme_officer"})
_WORKS = _of("lead", WORKS)
_APPROVES = _of("lead", HEADS)
_SIGNS = _of(" ".join(PARTIES), HEADS)


def _row(action: str, what: str, who: Who, states: tuple[str, ...] = (), done: str = "") -> Row:
    return Row(action, what, who, states, frozenset(done.split()))


TABLE = (
    # The programme's text and its life
    _row("tasks.programmes.settle", "Chốt nội dung", _RUNS, PROGRAMME, "draft consulting"),
    _row("tasks.programmes.reopen", "Mở lại nội dung", _RUNS, PROGRAMME, "consulting settled"),
    _row("tasks.programmes.bring_into_force", "Cho có hiệu lực", _COMMANDER, PROGRAMME, "frozen"),
    _row("tasks.programmes.close", "Đóng chương trình", _RUNS, PROGRAMME, "in_force"),
    _row("tasks.programmes.terminate", "Chấm dứt chương trình", _COMMANDER, PROGRAMME, "frozen in_force"),
    _row(
        "tasks.periods.generate",
        "Tạo kỳ báo cáo",
        {
            "host": _RUNS["host"] | {"administrator"},
            **_of("lead coordinating party outside", {"administrator"}),
        },
        PROGRAMME,
        "draft consulting settled frozen in_force",
    ),
    # Assignments
    _row("tasks.assignments.accept", "Nhận nhiệm vụ", _WORKS, ASSIGNMENT, "assigned"),
    _row("tasks.assignments.return_to_command", "Trả lại", _WORKS, ASSIGNMENT, "assigned"),
    _row(
        "tasks.assignments.report_progress",
        "Báo cáo tiến độ",
        _WORKS,
        ASSIGNMENT,
        "accepted in_progress rejected",
    ),
    _row(
        "tasks.assignments.submit_to_head",
        "Trình thủ trưởng",
        _WORKS,
        ASSIGNMENT,
        "accepted in_progress rejected",
    ),
    _row("tasks.assignments.approve", "Duyệt và gửi", _APPROVES, ASSIGNMENT, "awaiting_head"),
    _row("tasks.assignments.send_back", "Trả cho đầu mối", _APPROVES, ASSIGNMENT, "awaiting_head"),
    _row("tasks.assignments.confirm", "Xác nhận hoàn thành", _OFFICER, ASSIGNMENT, "submitted"),
    _row("tasks.assignments.reject", "Không chấp nhận", _OFFICER, ASSIGNMENT, "submitted"),
    _row("tasks.assignments.assign_again", "Giao lại", _OFFICER, ASSIGNMENT, "draft returned"),
    # Documents and signatures
    _row("agreements.documents._freeze", "Đóng băng văn bản", _RUNS, PROGRAMME, "settled"),
    _row("agreements.documents.open_round", "Mở ký", _RUNS, DOCUMENT, "frozen"),
    _row("agreements.documents.withdraw", "Thu hồi văn bản chưa ký", _RUNS, DOCUMENT, "frozen signing"),
    _row("agreements.documents.bring_into_force", "Quyết định hiệu lực", _COMMANDER, PROGRAMME, "frozen"),
    _row("agreements.documents.close_round", "Kết thúc ký", _RUNS, DOCUMENT, "signing"),
    _row(
        "agreements.documents.issue",
        "Cấp số, ngày ban hành",
        _of("host", {"records_clerk"}),
        DOCUMENT,
        "closed",
    ),
    _row("agreements.signing.append", "Ký", _SIGNS, ("frozen", "signing", "closed"), "signing"),
    _row(
        "agreements.pki._issue",
        "Tạo chứng thư của mình",
        _of(" ".join(RELATIONS), HEADS),
        ("none", "held"),
        "none",
    ),
)

NOT_ASKED = {
    "agreements.pki._count_wrong_pin": "follows from a wrong PIN of one's own credential",
    "agreements.verification._store_verdict": "a job's finding",
    "portal.notices.planning._run": "a job's sweep",
    "portal.operations.beginnings.create_administrator": "a command on the server",
    "portal.operations.demo.building._build": "a command on the server",
    "tasks.loading.writing.load": "a command on the server",
}
"""Actions that no signed-in person can ask for, and why."""


def actions() -> Iterator[tuple[str, str]]:
    """Yield (full name, file:line) of every function that wears @action."""
    for path in modules():
        for node in nodes(path, ast.FunctionDef):
            if any(ast.unparse(mark) in {"action", "actions.action"} for mark in node.decorator_list):
                yield ".".join((*path.with_suffix("").parts, node.name)), at(path, node)


def page() -> str:
    """Return docs/who-may.md."""
    columns = list(ROLES)
    lines = [
        "# Who may do what · Ai được làm gì",
        "",
        "Made from tests/who_may.py by `python -m tests.who_may`; do not edit. A test asks every cell.",
        "",
        "Một ô ghi người giữ chức vụ đó ở cơ quan nào thì được làm: "
        + ", ".join(f"**{name}** {label}" for name, label in RELATIONS.items())
        + ". Ô trống: không ai. Whoever is not named is refused with 403; in another state than those of "
        "the last column the portal says which rule stands against it.",
        "",
        "| việc · action | " + " | ".join(f"{ROLES[role]}<br>{role}" for role in columns) + " | done when |",
        "| --- |" + " --- |" * (len(columns) + 1),
    ]
    for row in TABLE:
        cells = [", ".join(r for r in RELATIONS if row.may(r, role)) for role in columns]
        cells = ["all" if cell == ", ".join(RELATIONS) else cell for cell in cells]
        done = ", ".join(state for state in row.states if state in row.done)
        lines.append(f"| {row.what}<br>`{row.action}` | " + " | ".join(cells) + f" | {done} |")
    lines += ["", "## Asked by nobody", "", "| action | why |", "| --- | --- |"]
    lines += [f"| `{name}` | {why} |" for name, why in sorted(NOT_ASKED.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    (BASE / "docs" / "who-may.md").write_text(page())


if __name__ == "__main__":
    main()
