"""Read one cell of a sheet as people write it: days, numbers, cycles, agencies. Nothing is refused here."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from django.db.models import Q

from portal.agencies.models import Agency
from portal.lib.text import fold
from tasks.models import Cycle

CYCLES: Mapping[str, str] = {
    "": Cycle.ONCE,
    **dict.fromkeys(("mot lan", "1 lan", "once"), Cycle.ONCE),
    **dict.fromkeys(("thang", "hang thang", "hang thang 1 lan", "monthly"), Cycle.MONTHLY),
    **dict.fromkeys(("quy", "hang quy", "quarterly"), Cycle.QUARTERLY),
    **dict.fromkeys(
        ("6 thang", "06 thang", "6 thang mot lan", "06 thang mot lan", "semiannual"), Cycle.SEMIANNUAL
    ),
    **dict.fromkeys(("nam", "hang nam", "trong nam", "ca nam", "annual"), Cycle.ANNUAL),
}
DAYS = (
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}((\.\d{3})+(,\d+)?|(,\d{3})+(\.\d+)?)")


def day_of(text: str) -> dt.date | None:
    """Read 31/12/2026, 31.12.2026, 31-12-2026 and 2026-12-31."""
    for pattern in DAYS:
        if found := pattern.fullmatch(text):
            try:
                day = dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
            if 2000 <= day.year <= 2100:
                return day
    return None


def number_of(text: str) -> Decimal | None:
    """Read 3.505 and 3,505 as thousands, 12,5 and 12.5 as decimals."""
    plain = "".join(text.split())
    if THOUSANDS.fullmatch(plain):
        last = max(plain.rfind("."), plain.rfind(","))
        is_mixed = {".", ","} <= set(plain)
        whole, decimals = (plain[:last], plain[last + 1 :]) if is_mixed else (plain, "")
        plain = whole.replace(".", "").replace(",", "") + (f".{decimals}" if decimals else "")
    else:
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def agencies_by_name(parties_of: set[int]) -> dict[str, list[Agency]]:
    """Return the parties, and the agencies that have no end, by everything that they are called.

    Of several with one name a party is meant: a body of that name may come after it, or may have been.
    """
    found: dict[str, list[Agency]] = {}
    for agency in Agency.objects.filter(Q(valid_to=None) | Q(pk__in=parties_of)):
        for name in {fold(text) for text in (agency.code, agency.symbol, agency.name_vi, agency.name_en)}:
            found.setdefault(name, []).append(agency)
    found.pop("", None)
    return {name: [row for row in rows if row.pk in parties_of] or rows for name, rows in found.items()}


def divided(text: str, known: Mapping[str, list[Agency]]) -> Iterator[str]:
    """Divide a list of agencies; a comma may also belong to a name: “Sở Văn hóa, Thể thao và Du lịch”."""
    most = 1 + max((name.count(",") for name in known), default=0)  # or a cell of commas takes minutes
    for piece in re.split(r"[;\n]+", text):
        parts = [part.strip() for part in piece.split(",")]
        while parts:
            ends = range(min(len(parts), most), 1, -1)
            longest = next((end for end in ends if fold(", ".join(parts[:end])) in known), 1)
            if name := ", ".join(parts[:longest]):
                yield name
            parts = parts[longest:]


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
