"""Rows of the who-may matrix: the turn of the year."""

from tests.who_may_rows import ASSIGNMENT, PROGRAMME, of, row

_RUNS = of("host", {"commander", "programme_officer"})
_TEXT = "draft consulting settled"
_SIGNED = "frozen in_force closed terminated"
PROPOSAL = ("open", "accepted", "refused")
_OPEN = "assigned accepted returned in_progress awaiting_head rejected suspended"

YEARS = (
    row("tasks.beginnings.begin", "Bắt đầu chương trình của năm", _RUNS),
    row("tasks.beginnings.mark", "Ghi nhận đã xem điểm cần xem lại", _RUNS, PROGRAMME, _TEXT),
    row("tasks.beginnings.drop_basis", "Bỏ căn cứ hết hiệu lực", _RUNS, PROGRAMME, _TEXT),
    row("tasks.beginnings.cite", "Viện dẫn văn bản sửa đổi", _RUNS, PROGRAMME, _TEXT),
    row("tasks.beginnings.replace_agencies", "Thay bằng cơ quan kế thừa", _RUNS, PROGRAMME, _TEXT),
    row("tasks.beginnings.set_days", "Rà soát các ngày", _RUNS, PROGRAMME, _TEXT),
    row("tasks.beginnings.rewrite", "Sửa câu chữ", _RUNS, PROGRAMME, _TEXT),
    row("tasks.leftovers.decide", "Quyết định việc chưa hoàn thành", _RUNS, ASSIGNMENT, _OPEN),
    row("tasks.shortcomings.note", "Ghi tồn tại, hạn chế vào sổ", _RUNS, PROGRAMME, _SIGNED),
    row("tasks.shortcomings.answer", "Gắn giải pháp khắc phục", _RUNS, PROGRAMME, _TEXT),
    row("tasks.shortcomings.review", "Kết luận về tồn tại, hạn chế", _RUNS, PROGRAMME, _SIGNED),
    row("tasks.proposals.gather", "Lấy kiến nghị từ báo cáo", _RUNS),
    row("tasks.proposals.decide", "Trả lời kiến nghị", _RUNS, PROPOSAL, "open"),
    row("tasks.leftovers.take_back", "Lấy lại việc đã chuyển tiếp", _RUNS, PROGRAMME, "in_force"),
)
