"""Rows of the who-may matrix: standing groups. The lead is a member, in charge of the item."""

from tests.who_may_rows import WORKS, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_REPORTS = {**_RUNS, "lead": WORKS}
_GROUP, _ITEM = "running ended", "planned going done dropped"

GROUPS = (
    row("tasks.groups.found", "Lập nhóm phối hợp", _RUNS),
    row("tasks.groups.admit", "Kết nạp thành viên nhóm", _RUNS, _GROUP, "running"),
    row("tasks.groups.release", "Cho thành viên ra khỏi nhóm", _RUNS, _GROUP, "running"),
    row("tasks.groups.end", "Kết thúc nhóm", _RUNS, _GROUP, "running"),
    row("tasks.group_plans.add", "Thêm nội dung kế hoạch nhóm", _RUNS, _GROUP, "running"),
    row("tasks.group_plans.change", "Sửa nội dung kế hoạch nhóm", _RUNS, _ITEM, "planned going"),
    row("tasks.group_plans.report", "Báo cáo nội dung kế hoạch nhóm", _REPORTS, _ITEM, "planned going"),
    row("tasks.group_plans.drop", "Bỏ nội dung kế hoạch nhóm", _RUNS, _ITEM, "planned going"),
)
