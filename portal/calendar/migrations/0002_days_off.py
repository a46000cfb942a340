"""Seed the days off of 2022 to 2028; from then on an administrator keeps them.

Source: Labour Code 2019, art. 111(3) (a holiday on a weekend is made up on the next working day) and
112 (the holidays; two of them follow the lunar calendar). 2022 to 2026: as announced for civil
servants, with swapped days. 2027 and 2028: computed, because the swaps of a year are announced
in the autumn before it; their names end in "(dự kiến)".
"""

import datetime as dt

from django.db import migrations

NEW_YEAR, TET, HUNG_KINGS = "Tết Dương lịch", "Tết Nguyên đán", "Giỗ Tổ Hùng Vương"
SOUTH, NATIONAL = "Ngày Chiến thắng 30/4 và Quốc tế Lao động 1/5", "Quốc khánh"

# Year, then (name, first day, last day), both included; days off in lieu are in the span.
OFF = {
    2022: [
        (NEW_YEAR, "01-01", "01-03"),
        (TET, "01-31", "02-04"),
        (HUNG_KINGS, "04-10", "04-11"),
        (SOUTH, "04-30", "05-03"),
        (NATIONAL, "09-01", "09-02"),
    ],
    2023: [
        (NEW_YEAR, "01-01", "01-02"),
        (TET, "01-20", "01-26"),
        (HUNG_KINGS, "04-29", "04-29"),
        (SOUTH, "04-30", "05-03"),
        (NATIONAL, "09-01", "09-04"),
    ],
    2024: [
        (NEW_YEAR, "01-01", "01-01"),
        (TET, "02-08", "02-14"),
        (HUNG_KINGS, "04-18", "04-18"),
        (SOUTH, "04-29", "05-01"),
        (NATIONAL, "09-02", "09-03"),
    ],
    2025: [
        (NEW_YEAR, "01-01", "01-01"),
        (TET, "01-27", "01-31"),
        (HUNG_KINGS, "04-07", "04-07"),
        (SOUTH, "04-30", "05-02"),
        (NATIONAL, "09-01", "09-02"),
    ],
    2026: [
        (NEW_YEAR, "01-01", "01-02"),
        (TET, "02-16", "02-20"),
        (HUNG_KINGS, "04-26", "04-27"),
        (SOUTH, "04-30", "05-01"),
        (NATIONAL, "08-31", "09-02"),
    ],
    2027: [
        (NEW_YEAR, "01-01", "01-01"),
        (TET, "02-05", "02-11"),
        (HUNG_KINGS, "04-16", "04-16"),
        (SOUTH, "04-30", "05-03"),
        (NATIONAL, "09-02", "09-03"),
    ],
    2028: [
        (NEW_YEAR, "01-01", "01-03"),
        (TET, "01-24", "01-28"),
        (HUNG_KINGS, "04-04", "04-04"),
        (SOUTH, "04-30", "05-02"),
        (NATIONAL, "09-01", "09-04"),
    ],
}
# Saturdays worked for a day off.
WORKED = {
    "2024-05-04": "Làm bù ngày 29/4/2024",
    "2025-04-26": "Làm bù ngày 02/5/2025",
    "2026-01-10": "Làm bù ngày 02/01/2026",
    "2026-08-22": "Làm bù ngày 31/8/2026",
}
FIRST_COMPUTED = 2027


def days():
    """Yield day, kind and name of every row."""
    for year, spans in OFF.items():
        mark = " (dự kiến)" if year >= FIRST_COMPUTED else ""
        for name, first, last in spans:
            day = dt.date.fromisoformat(f"{year}-{first}")
            while day <= dt.date.fromisoformat(f"{year}-{last}"):
                yield day, "off", name + mark
                day += dt.timedelta(days=1)
    for day, name in WORKED.items():
        yield dt.date.fromisoformat(day), "worked", name


def seed(apps, schema_editor):
    Holiday = apps.get_model("calendar", "Holiday")
    known = set(Holiday.objects.values_list("on", flat=True))
    Holiday.objects.bulk_create(
        Holiday(on=on, kind=kind, name=name) for on, kind, name in days() if on not in known
    )


class Migration(migrations.Migration):
    dependencies = [("calendar", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
