"""The same programme in another year: every date moved by whole years, the years in its texts too.

What other bodies decided stays as it is: the dates and numbers of legal texts, and the years of
schemes that run longer ("giai đoạn 2021-2025").
"""

import calendar
import datetime as dt
import re
from typing import Any

_YEARS = re.compile(r"(?<![\d/])(20\d\d)(?:([-–])(20\d\d))?(?![\d/])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATED_CODE = re.compile(r"(20\d\d)(-[A-Z0-9]+)")
_TEXTS = frozenset({"title_vi", "title_en", "wording", "text"})
_CODES = frozenset({"code", "periods_completed", "periods_late"})
_OTHERS_DECISIONS = frozenset({"agencies", "agencies_after_2025", "agency_changes", "localities"})


def shift_day(day: dt.date, years: int) -> dt.date:
    """Return the same day in another year; 29 February becomes 28 where the year has none."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def shift_text(text: str, base: int, years: int) -> str:
    """Move the years next to `base` (the one before, itself, the one after) in a text.

    A range moves when it spans one year ("mùa khô 2022-2023"); a longer one is somebody's scheme.
    """

    def moved(found: re.Match[str]) -> str:
        first, dash, last = found.groups()
        if abs(int(first) - base) > 1 or (last and int(last) - int(first) != 1):
            return found.group()
        return f"{int(first) + years}" + (f"{dash}{int(last) + years}" if last else "")

    return _YEARS.sub(moved, text)


def shift(content: dict[str, Any], year: int | None) -> dict[str, Any]:
    """Return a checked file's content as of another year; the same content when `year` is its own."""
    base = content["programme"]["year"]
    years = (year or base) - base
    if not years:
        return content
    moved: dict[str, Any] = {
        section: _moved(section, value, base, years, texts=section not in _OTHERS_DECISIONS)
        for section, value in content.items()
    }
    moved["programme"]["year"] = base + years
    return moved


def _moved(key: str, value: Any, base: int, years: int, *, texts: bool) -> Any:
    if isinstance(value, list):
        return [_moved(key, row, base, years, texts=texts) for row in value]
    if isinstance(value, dict):
        if key == "legal_bases" and (value.get("number") or value.get("issued_on")):
            return value
        return {name: _moved(name, row, base, years, texts=texts) for name, row in value.items()}
    return _moved_text(key, value, base, years, texts=texts) if isinstance(value, str) else value


def _moved_text(key: str, value: str, base: int, years: int, *, texts: bool) -> str:
    if _DAY.fullmatch(value):
        return shift_day(dt.date.fromisoformat(value), years).isoformat()
    if texts and key in _TEXTS:
        return shift_text(value, base, years)
    if texts and key in _CODES and (found := _DATED_CODE.fullmatch(value)):
        return f"{int(found[1]) + years}{found[2]}"
    return value
