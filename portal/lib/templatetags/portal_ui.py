"""Template tags and filters of the interface: dates, numbers, icons, bars, links that keep the query.

The tags `icon` and `due` write their few bytes of HTML themselves, because a table calls them
hundreds of times and a template include costs twenty times as much. The files of the same name in
templates/components/ wrap them for everything else.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import template
from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, numberformat, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
BAR_GAP = 0.3  # percent of the bar's width, left free between two parts


class Tone(NamedTuple):
    """How one state of timeliness looks: class, icon and the word that says the same."""

    css: str
    icon: str
    label: str | Promise


TONES: Mapping[str, Tone] = {
    "not_due": Tone("is-not-due", "circle", gettext_lazy("Not yet due")),
    "active": Tone("is-active", "dot", gettext_lazy("In progress")),
    "due_soon": Tone("is-due-soon", "clock-fill", gettext_lazy("Due soon")),
    "overdue": Tone("is-overdue", "exclamation-triangle-fill", gettext_lazy("Overdue")),
    "completed_on_time": Tone("is-on-time", "check-circle-fill", gettext_lazy("Completed on time")),
    "completed_late": Tone("is-late", "check-circle", gettext_lazy("Completed late")),
    "no_deadline": Tone("is-not-due", "dash-circle", gettext_lazy("No deadline")),
}


LAMPS: Mapping[str, Tone] = {
    "green": Tone("is-on-time", "check-circle-fill", gettext_lazy("green light")),
    "yellow": Tone("is-due-soon", "exclamation-circle-fill", gettext_lazy("yellow light")),
    "red": Tone("is-overdue", "exclamation-triangle-fill", gettext_lazy("red light")),
}


class BarPart(NamedTuple):
    """One part of a bar; x and width in percent of the whole bar."""

    css: str
    x: float
    width: float


# --- Dates and numbers ---------------------------------------------------------------------------
@register.filter
def vn_date(value: dt.date | dt.datetime | None) -> str:
    """Return dd/mm/yyyy, an aware datetime as the local day; nothing for no value."""
    if not value:
        return ""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%d/%m/%Y")


@register.filter
def vn_datetime(value: dt.datetime | None) -> str:
    """Return the local minute, in Vietnamese "16:45 ngày 20/09/2023"; nothing for no value."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return _("%(day)s %(clock)s") % {"day": vn_date(local), "clock": local.strftime("%H:%M")}


@register.filter
def vn_number(value: float | Decimal | None, places: int | None = None) -> str:
    """Return the number as the language writes it: 3.505 and 12,5 in Vietnamese.

    Without `places` up to two decimals are shown and trailing zeros dropped.
    """
    if value is None or value == "":
        return ""
    number = round(Decimal(str(value)), 2 if places is None else places)
    if places is None:
        number = number.to_integral_value() if number == number.to_integral_value() else number.normalize()
    return numberformat.format(
        number,
        formats.get_format("DECIMAL_SEPARATOR"),
        decimal_pos=places,
        grouping=3,  # written here: Django's Vietnamese formats name no grouping
        thousand_sep=formats.get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )


@register.filter
def vn_percent(value: float | Decimal | None) -> str:
    """Return a share given in percent with at most one decimal: "12,5 %", the space unbreakable."""
    if value is None or value == "":
        return ""
    return f"{vn_number(round(Decimal(str(value)), 1))}{NO_BREAK_SPACE}%"


@register.filter
def days_left(on: dt.date | None, today: dt.date | dt.datetime | None) -> str:
    """Say how far a day is from today: "còn 3 ngày", "hôm nay", "quá hạn 2 ngày"."""
    if not on or not today:
        return ""
    if isinstance(today, dt.datetime):
        today = timezone.localtime(today).date() if timezone.is_aware(today) else today.date()
    days = (on - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    return ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}


# --- Icons and timeliness ------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of static/img/icons.svg; hidden from screen readers, so write the word beside it."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def due(state: str, text: str = "", on: dt.date | None = None, block: bool = False) -> SafeString:
    """Show timeliness as icon, word and colour, with the day under it when `on` is given.

    `state` is a key of TONES; an unknown one raises KeyError, because a wrong colour would lie.
    """
    tone = TONES[str(state)]
    day = format_html('<br><span class="small muted">{}</span>', vn_date(on)) if on else ""
    return format_html(
        '<span class="due {}{}">{}<span>{}</span></span>{}',
        tone.css,
        " due-block" if block else "",
        icon(tone.icon),
        text or tone.label,
        day,
    )


@register.simple_tag
def lamp(colour: str, reason: str = "") -> SafeString:
    """Show a light as icon, word and colour; the reason unfolds under it, and stands beside it on paper."""
    tone = LAMPS[str(colour)]
    word = format_html(
        '<span class="due {}">{}<span>{}</span></span>', tone.css, icon(tone.icon), capfirst(str(tone.label))
    )
    if not reason:
        return word
    return format_html(
        '<details class="lamp-fold"><summary title="{0}">{1}</summary>'
        '<span class="small">{0}</span></details>'
        '<span class="paper-words small">{0}</span>',
        capfirst(reason),
        word,
    )


@register.filter
def bar_parts(counts: Iterable[tuple[str, float]]) -> list[BarPart]:
    """Lay the parts of a whole side by side, in percent: (state, count) pairs, zeros left out."""
    shown = [(state, count) for state, count in counts if count > 0]
    total = sum(count for _state, count in shown)
    parts, x = [], 0.0
    for state, count in shown:
        width = 100 * count / total
        parts.append(BarPart(TONES[state].css, round(x, 2), round(max(width - BAR_GAP, 0.4), 2)))
        x += width
    return parts


@register.filter
def bullet_x(percent: float) -> float:
    """Place a percentage of the target on a bullet, whose full width is 110 percent of the target."""
    return round(min(max(float(percent), 0.0), 110.0) / 1.1, 2)


# --- The SHA-256 ---------------------------------------------------------------------------------
@register.filter
def group_hash(value: str) -> list[str]:
    """Cut a hex digest into groups of four, so that two people can compare it aloud."""
    text = str(value or "")
    return [text[start : start + 4] for start in range(0, len(text), 4)]


# --- Links that keep the query -------------------------------------------------------------------
def _request(context: Context) -> HttpRequest | None:
    """Return the request, also inside `include … only`, which keeps just the attribute."""
    request: HttpRequest | None = getattr(context, "request", None) or context.get("request")
    return request


def _query(context: Context) -> QueryDict:
    request = _request(context)
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def query_replace(context: Context, **changes: Any) -> str:
    """Return "?…" of this page with some parameters changed; an empty value drops its parameter.

    Works inside `include … only` too. The answer is safe to put into an attribute.
    """
    query = _query(context)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_query(context: Context, column: str) -> str:
    """Return "?…" that sorts by `column`, descending when it is already sorted ascending."""
    descending = _query(context).get("sort") == column
    return query_replace(context, sort=f"-{column}" if descending else column, page=None)


@register.simple_tag(takes_context=True)
def sort_state(context: Context, column: str) -> str:
    """Return "ascending", "descending" or nothing, the words of aria-sort."""
    return {column: "ascending", f"-{column}": "descending"}.get(_query(context).get("sort", ""), "")


@register.filter
def page_window(page: Page[Any]) -> Iterator[int | str]:
    """Return the page numbers to show: both ends, the neighbours, an ellipsis for each gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def current_if(context: Context, path: str | None, *beside: str) -> str:
    """Write aria-current for a link of the navigation: the page itself, or a page below it.

    `beside` names addresses that are reached from there without lying below it.
    """
    request = _request(context)
    if request is None or not path:
        return ""
    if request.path == path:
        return format_html('aria-current="{}"', "page")
    above = () if path == "/" else (path, *map(reverse, beside))
    return format_html('aria-current="{}"', "true") if request.path.startswith(above) else ""
