"""Rows of the who-may matrix: versions of a draft, and consultations on it. The agency asked is the lead."""

from tests.who_may_rows import HEADS, PROGRAMME, WORKS, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_WORKS = of("lead", WORKS)
_HEADS = of("lead", HEADS)
ANSWER = ("draft", "awaiting_head", "answered")
ROUND = ("open", "closed")

CONSULTING = (
    row("agreements.drafts.take", "Lưu bản dự thảo", _RUNS, PROGRAMME, "draft consulting settled"),
    row("agreements.consultations.open_round", "Bắt đầu lấy ý kiến", _RUNS, PROGRAMME, "draft"),
    *(
        row(f"agreements.consultation_answers.{action}", what, who, ANSWER, done)
        for action, what, who, done in (
            ("comment", "Viết ý kiến góp ý", _WORKS, "draft"),
            ("remove", "Bỏ ý kiến góp ý", _WORKS, "draft"),
            ("submit", "Trình, gửi trả lời", _WORKS, "draft"),
            ("approve", "Duyệt trả lời", _HEADS, "awaiting_head"),
            ("send_back", "Trả lại cho đầu mối", _HEADS, "awaiting_head"),
            ("take_back", "Lấy lại trả lời đã trình", _WORKS, "awaiting_head"),
            ("withdraw", "Rút lại trả lời đã gửi", _HEADS, "answered"),
        )
    ),
    row("agreements.consultations.respond", "Tiếp thu, giải trình ý kiến", _RUNS, ROUND, "open"),
    row("agreements.consultations.extend", "Gia hạn cho ý kiến", _RUNS, ROUND, "open"),
    row("agreements.consultations.close", "Kết thúc lấy ý kiến", _RUNS, ROUND, "open"),
)
