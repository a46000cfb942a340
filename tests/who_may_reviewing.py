"""Rows of the who-may matrix: interim and annual reviews."""

from tests.who_may_rows import of, row

_OFFICER = of("host", {"programme_officer"})
_COMMANDER = of("host", {"commander"})
STATES = ("none", "draft", "proposed", "approved")

REVIEWS = (
    *(
        row(f"tasks.period_reviews.{action}", what, who, STATES if action == "draft" else STATES[1:], done)
        for action, what, who, done in (
            ("draft", "Dự thảo báo cáo sơ kết, tổng kết", _OFFICER, "none"),
            ("save", "Sửa báo cáo sơ kết, tổng kết", _OFFICER, "draft"),
            ("add", "Thêm đoạn vào báo cáo sơ kết, tổng kết", _OFFICER, "draft"),
            ("address", "Ghi nơi nhận báo cáo sơ kết, tổng kết", _OFFICER, "draft"),
            ("refresh", "Cập nhật số liệu báo cáo sơ kết, tổng kết", _OFFICER, "draft"),
            ("freeze", "Đóng băng, trình báo cáo sơ kết, tổng kết", _OFFICER, "draft"),
            ("give_back", "Trả lại báo cáo sơ kết, tổng kết", _COMMANDER, "proposed"),
            ("approve", "Phê duyệt báo cáo sơ kết, tổng kết", _COMMANDER, "proposed"),
        )
    ),
    row(
        "tasks.period_reviews.give_number",
        "Ghi số, ngày báo cáo sơ kết, tổng kết",
        of("host", {"programme_officer", "records_clerk"}),
        ("approved", "numbered"),
        "approved",
    ),
)
