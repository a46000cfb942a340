"""Moving a programme to another year."""

import datetime as dt

import pytest

from tasks.loading.shifting import shift_day, shift_text

D = dt.date


@pytest.mark.parametrize(
    ("day", "years", "moved"),
    [
        (D(2024, 2, 29), 1, D(2025, 2, 28)),
        (D(2024, 2, 29), 4, D(2028, 2, 29)),
        (D(2023, 12, 31), -1, D(2022, 12, 31)),
        (D(2023, 3, 1), 0, D(2023, 3, 1)),
    ],
)
def test_day_moves_by_whole_years(day: D, years: int, moved: D) -> None:
    assert shift_day(day, years) == moved


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("nhiệm vụ năm 2023", "nhiệm vụ năm 2026"),
        ("tuyển quân năm 2024", "tuyển quân năm 2027"),
        ("kết quả năm 2022", "kết quả năm 2025"),
        ("mùa khô 2022-2023", "mùa khô 2025-2026"),
        ("2022–2023 dry season", "2025–2026 dry season"),
        ("giai đoạn 2021-2025", "giai đoạn 2021-2025"),
        ("tầm nhìn đến năm 2050", "tầm nhìn đến năm 2050"),
        ("Nghị định số 13/2023/NĐ-CP", "Nghị định số 13/2023/NĐ-CP"),
        ("số 20230", "số 20230"),
    ],
)
def test_years_next_to_the_programmes_own_move(text: str, moved: str) -> None:
    assert shift_text(text, 2023, 3) == moved
