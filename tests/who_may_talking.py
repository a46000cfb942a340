"""Rows of the who-may matrix: comments. The comment itself is the lead's focal point's."""

from tests.who_may_rows import WORKS, Row, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_TALKS = {**of("lead coordinating", WORKS), **_RUNS}
_OWN = of("lead", {"focal_point"})
_ADD = "tasks.comments.add"

COMMENTS: tuple[Row, ...] = (
    row(_ADD, "Trao đổi về nhiệm vụ", _TALKS, case="assignment"),
    row(_ADD, "Trao đổi về báo cáo", {**of("lead", WORKS), **_RUNS}, case="report"),
    row(_ADD, "Trao đổi về mục chương trình", of("host lead coordinating party", WORKS), case="clause"),
    row("tasks.comments.edit", "Sửa ý kiến của mình", _OWN),
    row("tasks.comments.delete", "Xóa ý kiến", {**_OWN, **_RUNS}),
)
