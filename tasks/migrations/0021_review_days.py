"""Half-years and years that stand already get the day by which their review is offered to be approved."""

import datetime as dt

from django.db import migrations

DAYS = {"semiannual": (7, 10), "annual": (12, 31)}


def fill(apps, schema_editor):
    for row in apps.get_model("tasks", "ReportingPeriod").objects.filter(kind__in=DAYS, review_due_on=None):
        row.review_due_on = max(dt.date(row.data_to.year, *DAYS[row.kind]), row.data_to)
        row.save(update_fields=["review_due_on"])


class Migration(migrations.Migration):
    dependencies = [("tasks", "0020_period_reviews")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
