"""Indexes for the page that shows events: by object, agency, action and time, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_verification'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='event',
            name='event_subject',
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['subject_type', 'subject_id', '-seq'], name='event_subject'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['agency_code', '-seq'], name='event_agency'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['verb', '-seq'], name='event_verb'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['at'], name='event_at'),
        ),
    ]
