"""Rows of the who-may matrix: amendments of what was signed, and the end of an issued document."""

from tests.who_may_rows import DOCUMENT, PROGRAMME, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_COMMANDER = of("host", {"commander"})

AMENDING = (
    row("agreements.endings.supersede", "Thay thế văn bản đã ban hành", _COMMANDER, DOCUMENT, "issued"),
    row("agreements.endings.terminate", "Chấm dứt văn bản đã ban hành", _COMMANDER, DOCUMENT, "issued"),
    row("agreements.amendments.propose", "Đề xuất phụ lục", _RUNS, PROGRAMME, "in_force"),
    row("agreements.amendments.put", "Sửa nhiệm vụ trong phụ lục", _RUNS, "draft frozen", "draft"),
    row("agreements.amendments.leave", "Bỏ thay đổi khỏi phụ lục", _RUNS, "draft frozen", "draft"),
    row("agreements.amendments.drop", "Bỏ phụ lục đang soạn", _RUNS, "draft frozen", "draft"),
    row("agreements.amendments._freeze", "Đóng băng phụ lục", _RUNS, "draft frozen", "draft"),
    row(
        "agreements.amendments.take_back",
        "Thu hồi phụ lục đang ký",
        _COMMANDER,
        "frozen signing closed issued",
        "frozen signing closed",
    ),
    row(
        "agreements.amendments.issue",
        "Cấp số phụ lục, các thay đổi có hiệu lực",
        of("host", {"records_clerk"}),
        "signing closed",
        "closed",
    ),
)
