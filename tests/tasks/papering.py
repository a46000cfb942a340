"""What tests of documents of the year share: what one is entered with."""

import datetime as dt
from typing import Any

from tasks.year_papers import LINKS, Facts

COLUMNS = {
    "kind": "KH",
    "number": "15/KH-BCH",
    "issued_on": dt.date(2026, 1, 8),
    "subject": "Kế hoạch công tác quốc phòng năm 2026",
    "issuer": "Bộ Chỉ huy Quân sự tỉnh",
}


def facts(links: dict[str, Any] | None = None, **columns: Any) -> Facts:
    return Facts(COLUMNS | columns, dict.fromkeys(LINKS, ()) | (links or {}))
