"""Files that visitors send to be verified wait in a queue; one at a time is examined."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0010_authorisation_wall'),
    ]

    operations = [
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=43, unique=True, verbose_name='token')),
                ('address', models.CharField(max_length=64, verbose_name="keyed hash of the sender's address")),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'being examined'), ('done', 'examined')], default='waiting', editable=False, max_length=10, verbose_name='state')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveIntegerField(verbose_name='size in bytes')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('found', models.TextField(blank=True, verbose_name='what was found, as JSON')),
                ('begins_with', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.revision', verbose_name='paper of this portal that it begins as')),
            ],
            options={
                'verbose_name': 'file to verify',
                'verbose_name_plural': 'files to verify',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['address', 'asked_at'], name='inspection_by_address')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('state',), name='inspection_one_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('finished_at__isnull', False), _connector='OR'), name='inspection_done_has_time')],
            },
        ),
    ]
