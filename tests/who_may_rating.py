"""Rows of the who-may matrix: the rating of agencies. The agency rated is the lead."""

from tests.who_may_rows import HEADS, PROGRAMME, WORKS, of, row

_OFFICER = of("host", {"programme_officer"})
_RUNS = of("host", {"commander", "programme_officer"})
_COMMANDER = of("host", {"commander"})
_WORKS = of("lead", WORKS)
_HEADS = of("lead", HEADS)
YEAR = ("draft", "scoring", "review", "proposed", "approved")
PUBLISHED = YEAR[1:]
SHEET = ("draft", "awaiting_head", "sent", "verified")
ASKED = ("asked", "answered")

RATING = (
    row("tasks.ratings.prepare", "Chuẩn bị xếp loại năm", _OFFICER, PROGRAMME, "in_force closed"),
    *(
        row(f"tasks.{action}", what, who, YEAR, done)
        for action, what, who, done in (
            ("ratings.edit", "Sửa tiêu chí xếp loại", _OFFICER, "draft"),
            ("ratings.publish", "Công bố tiêu chí xếp loại", _RUNS, "draft"),
            ("ratings.announce", "Thông báo điểm xếp loại", _OFFICER, "scoring"),
            ("ratings.propose", "Đề nghị xếp loại", _OFFICER, "review"),
            ("ratings.give_back", "Trả lại đề nghị xếp loại", _COMMANDER, "proposed"),
            ("ratings.approve", "Phê duyệt xếp loại", _COMMANDER, "proposed"),
        )
    ),
    *(
        row(f"tasks.rating_sheets.{action}", what, who, SHEET, done)
        for action, what, who, done in (
            ("save", "Tự chấm điểm", _WORKS, "draft"),
            ("prove", "Thêm minh chứng cho điểm", _WORKS, "draft"),
            ("drop_proof", "Bỏ minh chứng của điểm", _WORKS, "draft"),
            ("submit", "Trình bảng tự chấm điểm", _WORKS, "draft"),
            ("send", "Duyệt, gửi bảng tự chấm điểm", _HEADS, "awaiting_head"),
            ("send_back", "Trả lại bảng tự chấm điểm", _HEADS, "awaiting_head"),
            ("verify", "Thẩm định điểm", _OFFICER, "sent verified"),
        )
    ),
    row("tasks.rating_sheets.ask_again", "Đề nghị phúc tra", _HEADS, PUBLISHED, "review"),
    row("tasks.rating_sheets.answer", "Trả lời phúc tra", _OFFICER, ASKED, "asked"),
    row(
        "tasks.rating_support.rate",
        "Đánh giá sự hỗ trợ của Bộ Chỉ huy",
        of("lead coordinating party", HEADS),
        PUBLISHED,
        "scoring review",
    ),
)
