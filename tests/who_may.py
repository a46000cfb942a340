"""The who-may matrix: who may do what, in which states. A row for every @action of the portal.

The table makes the test (tests/test_who_may.py and tests/test_who_may_people.py ask everybody in every
state) and the page docs/who-may.md; `python -m tests.who_may` writes the page anew. It repeats nothing of
access.py.

A new action: add its Row; or its reason in tests/who_may_unasked.py, to OWN when nobody can do it for
another, to NOT_ASKED when no person can ask for it. An action with different answers for different things
has a row for each.
"""

import ast
from collections.abc import Iterator

from tests import who_may_signing
from tests.source import BASE, at, modules, nodes
from tests.who_may_amending import AMENDING
from tests.who_may_changing import CHANGES
from tests.who_may_citing import CITING
from tests.who_may_conferring import CONFERENCES
from tests.who_may_consulting import CONSULTING
from tests.who_may_cooperating import COOPERATION
from tests.who_may_drafting import DRAFTING
from tests.who_may_extending import EXTENSIONS
from tests.who_may_grouping import GROUPS
from tests.who_may_lighting import LIGHTS
from tests.who_may_mailing import MAILING
from tests.who_may_measuring import INDICATORS
from tests.who_may_reporting import REPORTS
from tests.who_may_rows import (
    ASSIGNMENT,
    ELSEWHERE,
    HEADS,
    PEOPLE,
    PROGRAMME,
    RELATIONS,
    ROLES,
    SHARES,
    WORKS,
    grid,
    legend,
    of,
    row,
)
from tests.who_may_scheming import SCHEMES
from tests.who_may_talking import COMMENTS
from tests.who_may_tokens import METHODS, TOKENS
from tests.who_may_turning import YEARS
from tests.who_may_unasked import NOT_ASKED, OWN
from tests.who_may_urging import URGING

_RUNS = of("host", {"commander", "programme_officer"})
_COMMANDER = of("host", {"commander"})
_OFFICER = of("host", {"programme_officer"})
_WORKS = of("lead", WORKS)
_APPROVES = of("lead", HEADS)
_EVERYBODY = frozenset(ROLES)
_RELEASES = of("agency other", {"programme_officer", "commander"})
_OWN = of("self", _EVERYBODY)
_ENDS = {**_RELEASES, **_OWN}
_ADMINISTRATOR = frozenset({"administrator"})
_ROOTS = of("self agency other", {"programme_officer", "commander", "administrator"})
_KEEPS_LISTS = of("self agency other", _ADMINISTRATOR)
_RECALLS = of(" ".join(RELATIONS), {"programme_officer", "commander", "administrator"})
_MENDS = frozenset({"programme_officer", "administrator"})
_AT_WORK = "accepted in_progress rejected"
OPEN_ASSIGNMENT = "assigned accepted in_progress awaiting_head rejected"
"""While a result is owed, files are added and withdrawn."""

REQUEST = "requested released refused withdrawn"
ROOT = "proposed refused enabled disabled"
ASKING = "none held requested refused withdrawn"
RECOVERY = "waiting approved shown used cancelled expired"

TABLE = (
    # The programme's text and its life
    row("tasks.programmes.settle", "Chốt nội dung", _RUNS, PROGRAMME, "draft"),
    row("tasks.programmes.reopen", "Mở lại nội dung", _RUNS, PROGRAMME, "settled"),
    row("tasks.programmes.bring_into_force", "Cho có hiệu lực", _COMMANDER, PROGRAMME, "frozen"),
    row("tasks.programmes.close", "Đóng chương trình", _RUNS, PROGRAMME, "in_force"),
    row("tasks.programmes.terminate", "Chấm dứt chương trình", _COMMANDER, PROGRAMME, "frozen in_force"),
    row(
        "tasks.periods.generate",
        "Tạo kỳ báo cáo",
        {
            "host": _RUNS["host"] | {"administrator"},
            **of("lead coordinating party outside", {"administrator"}),
        },
        PROGRAMME,
        "draft consulting settled frozen in_force",
    ),
    *DRAFTING,
    *COOPERATION,
    *CITING,
    # Assignments
    row("tasks.assignments.accept", "Nhận nhiệm vụ", _WORKS, ASSIGNMENT, "assigned"),
    row("tasks.assignments.return_to_command", "Trả lại", _WORKS, ASSIGNMENT, "assigned"),
    row("tasks.assignments.report_progress", "Báo cáo tiến độ", _WORKS, ASSIGNMENT, _AT_WORK),
    row("tasks.assignments.submit_to_head", "Trình thủ trưởng", _WORKS, ASSIGNMENT, _AT_WORK),
    row("tasks.assignments.approve", "Duyệt và gửi", _APPROVES, ASSIGNMENT, "awaiting_head"),
    row("tasks.assignments.send_back", "Trả cho đầu mối", _APPROVES, ASSIGNMENT, "awaiting_head"),
    row("tasks.assignments.confirm", "Xác nhận hoàn thành", _OFFICER, ASSIGNMENT, "submitted"),
    row("tasks.assignments.reject", "Không chấp nhận", _OFFICER, ASSIGNMENT, "submitted"),
    row("tasks.assignments.assign_again", "Giao lại", _OFFICER, ASSIGNMENT, "draft returned"),
    row("tasks.pauses.suspend", "Tạm dừng nhiệm vụ", _COMMANDER, ASSIGNMENT, "assigned accepted in_progress"),
    row("tasks.pauses.resume", "Cho tiếp tục nhiệm vụ", _COMMANDER, ASSIGNMENT, "suspended"),
    *who_may_signing.ROWS,
    *METHODS,
    *AMENDING,
    # Draft versions and consultations
    *CONSULTING,
    *CONFERENCES,
    *GROUPS,
    *INDICATORS,
    *EXTENSIONS,
    *URGING,
    *LIGHTS,
    *COMMENTS,
    # Periodic reports
    *REPORTS,
    *CHANGES,
    *YEARS,
    *SCHEMES,
    # Evidence and files
    row("tasks.evidence.add", "Thêm minh chứng", of("lead coordinating", WORKS), ASSIGNMENT, OPEN_ASSIGNMENT),
    row(
        "tasks.evidence.withdraw",
        "Rút minh chứng của cơ quan chủ trì",
        _WORKS,
        ASSIGNMENT,
        OPEN_ASSIGNMENT,
        case="lead",
    ),
    row(
        "tasks.evidence.withdraw",
        "Rút minh chứng của cơ quan phối hợp",
        of("coordinating", WORKS),
        ASSIGNMENT,
        OPEN_ASSIGNMENT,
        case="coordinating",
    ),
    row("tasks.evidence.recall", "Thu hồi tài liệu", _RECALLS, "used recalled", "used"),
    row("portal.files.recalls.recall", "Thu hồi tệp", _RECALLS, "used recalled signed", "used"),
    # The trail, and posts
    row(
        "portal.dashboards.trail.exports.note",
        "Tải nhật ký về",
        of(" ".join(RELATIONS), {"programme_officer", "commander", "administrator"}),
    ),
    row(
        "portal.dashboards.handovers.hand_over",
        "Bàn giao chức vụ",
        of(" ".join(RELATIONS), _ADMINISTRATOR),
        "held coming",
        "held",
    ),
    row(
        "portal.dashboards.handovers.undo",
        "Hủy bàn giao",
        of(" ".join(RELATIONS), _ADMINISTRATOR),
        "coming begun undone",
        "coming",
    ),
    # Certificates of signers
    *(
        row(f"agreements.{action}", what, who, states, done, relations=PEOPLE)
        for action, what, who, states, done in (
            (
                "certificates._ask",
                "Đề nghị cấp chứng thư",
                of("self", HEADS),
                ASKING,
                "none refused withdrawn",
            ),
            ("certificates._release", "Cấp chứng thư", _RELEASES, REQUEST, "requested"),
            ("certificates.refuse", "Từ chối cấp chứng thư", _RELEASES, REQUEST, "requested"),
            ("certificates.withdraw", "Rút đề nghị cấp chứng thư", _OWN, REQUEST, "requested"),
            ("certificates._revoke", "Thu hồi chứng thư", _ENDS, "good revoked", "good"),
            ("suspensions.suspend", "Tạm khóa chứng thư", _ENDS, "good suspended revoked", "good"),
            ("suspensions.lift", "Mở chứng thư người khác khóa", _RELEASES, "suspended lifted", "suspended"),
        )
    ),
    *(
        row(f"agreements.roots.{action}", what, who, ROOT, done, relations=PEOPLE)
        for action, what, who, done in (
            ("_propose", "Đề nghị tin cậy chứng thư gốc bên ngoài", _KEEPS_LISTS, "refused disabled"),
            ("enable", "Tin cậy chứng thư gốc do người khác đề nghị", _RELEASES, "proposed"),
            ("refuse", "Từ chối chứng thư gốc do người khác đề nghị", _RELEASES, "proposed"),
            ("disable", "Thôi tin cậy chứng thư gốc", _ROOTS, "enabled"),
            ("_add_list", "Thêm danh sách thu hồi bên ngoài", _KEEPS_LISTS, ROOT),
        )
    ),
    *TOKENS,
    # How people come in
    row(
        "portal.users.invitations.add",
        "Thêm đầu mối",
        {"agency": frozenset({"administrator", "agency_head"}), "other": _ADMINISTRATOR},
        relations=ELSEWHERE,
        case="focal point",
    ),
    row(
        "portal.users.invitations.add",
        "Thêm người ở chức vụ khác",
        of("agency other", _ADMINISTRATOR),
        relations=ELSEWHERE,
        case="other post",
    ),
    row(
        "portal.users.invitations.invite",
        "Mời đầu mối chưa vào lần nào",
        {"agency": frozenset({"administrator", "agency_head"}), "other": _ADMINISTRATOR},
        "mail none",
        "mail",
        relations=PEOPLE,
        case="new focal point",
    ),
    row(
        "portal.users.invitations.invite",
        "Mời người khác chưa vào lần nào",
        of("agency other", _ADMINISTRATOR),
        "mail none",
        "mail",
        relations=PEOPLE,
        case="new person",
    ),
    row(
        "portal.users.invitations.invite",
        "Kích hoạt tại chỗ người chưa vào lần nào",
        of("agency other", {"administrator", "programme_officer"}),
        relations=PEOPLE,
        case="in person",
    ),
    row(
        "portal.users.invitations.invite",
        "Mời lại người đã vào",
        of("agency other", _ADMINISTRATOR),
        "mail none",
        "mail",
        relations=PEOPLE,
        case="again",
    ),
    row(
        "portal.users.invitations.revoke",
        "Thu hồi lời mời",
        {"maker": _EVERYBODY, "other": _ADMINISTRATOR, "self": _ADMINISTRATOR},
        "open used revoked",
        "open",
        relations=SHARES,
    ),
    row(
        "portal.users.oidc.unbind",
        "Gỡ liên kết với hệ thống định danh",
        of("agency other", _ADMINISTRATOR),
        "bound none",
        "bound",
        relations=PEOPLE,
    ),
    *MAILING,
    # A lost second factor
    row(
        "portal.users.recoveries.open_for",
        "Mở việc giúp người mất yếu tố thứ hai",
        of("agency other", _MENDS),
        "enrolled none open",
        "enrolled",
        relations=PEOPLE,
    ),
    row(
        "portal.users.recoveries.approve",
        "Đồng ý, do trợ lý mở",
        of("agency other", _ADMINISTRATOR),
        RECOVERY,
        "waiting",
        relations=PEOPLE,
        case="opened by officer",
    ),
    row(
        "portal.users.recoveries.approve",
        "Đồng ý, do quản trị mở",
        of("agency other", {"programme_officer"}),
        RECOVERY,
        "waiting",
        relations=PEOPLE,
        case="opened by administrator",
    ),
    row(
        "portal.users.recoveries.approve",
        "Đồng ý cho trợ lý, do quản trị mở",
        of("agency other", {"programme_officer", "commander"}),
        RECOVERY,
        "waiting",
        relations=PEOPLE,
        case="of an officer",
    ),
    row(
        "portal.users.recoveries.show_code",
        "Đọc mã",
        of("maker", _EVERYBODY),
        RECOVERY,
        "approved",
        relations=SHARES,
    ),
    row(
        "portal.users.recoveries.cancel",
        "Hủy việc giúp",
        of("self agency other", _MENDS),
        RECOVERY,
        "waiting approved shown",
        relations=PEOPLE,
        case="of a head",
    ),
    row(
        "portal.users.recoveries.cancel",
        "Hủy việc giúp trợ lý, do quản trị mở",
        {"self": _MENDS, **of("agency other", _MENDS | {"commander"})},
        RECOVERY,
        "waiting approved shown",
        relations=PEOPLE,
        case="of an officer",
    ),
    # One's own account
    row(
        "portal.users.factors.remove",
        "Bỏ yếu tố thứ hai",
        of("self", _EVERYBODY),
        "two last",
        "two",
        relations=PEOPLE,
    ),
    row(
        "portal.users.sessions.end",
        "Kết thúc phiên đăng nhập",
        {"self": _EVERYBODY, **of("agency other", _ADMINISTRATOR)},
        relations=PEOPLE,
    ),
)


def actions() -> Iterator[tuple[str, str]]:
    """Yield (full name, file:line) of every function that wears @action."""
    for path in modules():
        for node in nodes(path, ast.FunctionDef):
            if any(ast.unparse(mark) in {"action", "actions.action"} for mark in node.decorator_list):
                yield ".".join((*path.with_suffix("").parts, node.name)), at(path, node)


def page() -> str:
    """Return docs/who-may.md."""
    agencies = [one for one in TABLE if one.relations == RELATIONS]
    people = [one for one in TABLE if one.relations != RELATIONS]
    lines = [
        "# Who may do what · Ai được làm gì",
        "",
        "Made from tests/who_may.py by `python -m tests.who_may`; do not edit. A test asks every cell.",
        "",
        "Ô trống: không ai. Whoever is not named is refused with 403; in another state than those of the "
        "last column the portal says which rule stands against it.",
        "",
        "## Things of a programme · Việc của chương trình",
        "",
        f"Một ô ghi người giữ chức vụ đó ở cơ quan nào thì được làm: {legend(RELATIONS)}.",
        "",
        *grid(agencies),
        "",
        "## People · Con người",
        "",
        f"Một ô ghi được làm cho ai: {legend(PEOPLE)}; hoặc ai được làm: {legend(SHARES)}.",
        "",
        *grid(people),
    ]
    lines += ["", "## One's own, and nobody else's", "", "| action | after |", "| --- | --- |"]
    lines += [f"| `{name}` | {after} |" for name, after in sorted(OWN.items())]
    lines += ["", "## Asked by nobody", "", "| action | why |", "| --- | --- |"]
    lines += [f"| `{name}` | {why} |" for name, why in sorted(NOT_ASKED.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    (BASE / "docs" / "who-may.md").write_text(page())


if __name__ == "__main__":
    main()
