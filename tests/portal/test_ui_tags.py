"""The tags and filters of the interface."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

from portal.lib.templatetags import portal_ui

TODAY = dt.date(2023, 9, 20)


def render(source: str, request: HttpRequest | None = None, **values: object) -> str:
    template = Template("{% load portal_ui %}" + source)
    context = Context(values) if request is None else RequestContext(request, values)
    return template.render(context)


# --- Dates -----------------------------------------------------------------------------------
def test_a_day_is_written_day_first() -> None:
    assert portal_ui.vn_date(dt.date(2023, 9, 2)) == "02/09/2023"


def test_a_moment_is_written_as_the_local_day() -> None:
    late_in_utc = dt.datetime(2023, 9, 19, 18, 30, tzinfo=dt.UTC)
    assert portal_ui.vn_date(late_in_utc) == "20/09/2023"


def test_no_day_is_written_as_nothing() -> None:
    assert portal_ui.vn_date(None) == portal_ui.vn_datetime(None) == ""


def test_a_moment_is_written_to_the_local_minute() -> None:
    with translation.override("en"):
        assert portal_ui.vn_datetime(dt.datetime(2023, 9, 20, 9, 45, tzinfo=dt.UTC)) == "20/09/2023 16:45"


@pytest.mark.parametrize(
    ("days", "words"),
    [(3, "3 days left"), (1, "1 day left"), (0, "today"), (-1, "1 day overdue"), (-2, "2 days overdue")],
)
def test_days_left(days: int, words: str) -> None:
    with translation.override("en"):
        assert portal_ui.days_left(TODAY + dt.timedelta(days=days), TODAY) == words


def test_days_left_counts_from_the_local_day_of_a_moment() -> None:
    after_midnight_here = dt.datetime(2023, 9, 19, 17, 30, tzinfo=dt.UTC)
    with translation.override("en"):
        assert portal_ui.days_left(TODAY, after_midnight_here) == "today"


# --- Numbers ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (3505, "3.505", "3,505"),
        (12.5, "12,5", "12.5"),
        (Decimal("1500.00"), "1.500", "1,500"),
        (0, "0", "0"),
        (-1234567.89, "-1.234.567,89", "-1,234,567.89"),
        (None, "", ""),
    ],
)
def test_numbers_are_written_as_the_language_does(value: float | None, vietnamese: str, english: str) -> None:
    with translation.override("vi"):
        assert portal_ui.vn_number(value) == vietnamese
    with translation.override("en"):
        assert portal_ui.vn_number(value) == english


def test_a_number_keeps_the_places_asked_for() -> None:
    with translation.override("vi"):
        assert portal_ui.vn_number(2, 1) == "2,0"


def test_a_share_has_one_decimal_and_an_unbreakable_space() -> None:
    with translation.override("vi"):
        assert portal_ui.vn_percent(82.608) == "82,6\N{NO-BREAK SPACE}%"


# --- Timeliness, icons, bars -------------------------------------------------------------------
@pytest.mark.parametrize("state", sorted(portal_ui.TONES))
def test_timeliness_is_never_colour_alone(state: str) -> None:
    html = portal_ui.due(state)
    tone = portal_ui.TONES[state]
    assert f"#i-{tone.icon}" in html
    assert str(tone.label) in html


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(KeyError):
        portal_ui.due("fine")


def test_what_a_user_wrote_is_escaped() -> None:
    assert "<b>" not in portal_ui.due("overdue", "<b>")


def test_the_day_stands_under_the_word() -> None:
    assert "20/09/2023" in portal_ui.due("overdue", on=TODAY)


def test_the_parts_of_a_bar_fill_it_from_the_left() -> None:
    parts = portal_ui.bar_parts([("completed_on_time", 3), ("overdue", 0), ("active", 1)])
    assert [(part.css, part.x, part.width) for part in parts] == [
        ("is-on-time", 0.0, 74.7),
        ("is-active", 75.0, 24.7),
    ]


def test_a_bar_of_nothing_has_no_parts() -> None:
    assert portal_ui.bar_parts([("active", 0)]) == []


def test_a_bar_is_drawn_with_decimal_points_in_vietnamese() -> None:
    with translation.override("vi"):
        html = render(
            '{% include "components/bar.html" with counts=counts only %}',
            counts=[("active", 1), ("overdue", 2)],
        )
    assert 'x="33.33%"' in html


@pytest.mark.parametrize(("percent", "x"), [(0, 0.0), (100, 90.91), (300, 100.0), (-5, 0.0)])
def test_a_bullet_ends_at_its_edge(percent: float, x: float) -> None:
    assert portal_ui.bullet_x(percent) == x


def test_a_digest_is_cut_into_groups_of_four() -> None:
    assert portal_ui.group_hash("9f2c41d87b") == ["9f2c", "41d8", "7b"]


# --- Links -------------------------------------------------------------------------------------
def test_a_link_keeps_the_rest_of_the_query(rf: RequestFactory) -> None:
    request = rf.get("/assignments/", {"q": "đất", "page": "2"})
    assert render("{% query_replace page=3 %}", request) == "?q=%C4%91%E1%BA%A5t&amp;page=3"


def test_an_empty_value_drops_its_parameter(rf: RequestFactory) -> None:
    assert render("{% query_replace page=None %}", rf.get("/", {"page": "2"})) == "?"


def test_a_component_included_alone_still_keeps_the_query(rf: RequestFactory) -> None:
    page = Paginator(range(60), 25).page(1)
    request = rf.get("/", {"q": "x"})
    html = render('{% include "components/pagination.html" with page=page only %}', request, page=page)
    assert "?q=x&amp;page=2" in html


def test_a_sorted_column_turns_round(rf: RequestFactory) -> None:
    request = rf.get("/", {"sort": "code", "page": "4"})
    assert render("{% sort_query 'code' %}", request) == "?sort=-code"
    assert render("{% sort_query 'title' %}", request) == "?sort=title"
    assert render("{% sort_state 'code' %}", request) == "ascending"


@pytest.mark.parametrize(
    ("path", "link", "mark"),
    [
        ("/assignments/", "/assignments/", "page"),
        ("/assignments/7/", "/assignments/", "true"),
        ("/assignments/", "/", None),
        ("/", "/", "page"),
    ],
)
def test_the_navigation_marks_where_one_is(
    rf: RequestFactory, path: str, link: str, mark: str | None
) -> None:
    expected = f'aria-current="{mark}"' if mark else ""
    assert render("{% current_if link %}", rf.get(path), link=link) == expected


@pytest.mark.parametrize(("path", "mark"), [("/reviews/7/", "true"), ("/assignments/", None)])
def test_the_navigation_marks_what_is_reached_from_there(
    rf: RequestFactory, path: str, mark: str | None
) -> None:
    expected = f'aria-current="{mark}"' if mark else ""
    assert render("{% current_if link 'reviews:list' %}", rf.get(path), link="/programmes/") == expected
