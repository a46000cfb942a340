"""What each day's walk along the chain found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('checked_at', models.DateTimeField(verbose_name='checked at')),
                ('outcome', models.CharField(choices=[('unfinished', 'not walked to its end yet'), ('good', 'holds'), ('bad', 'does not hold'), ('cannot_tell', 'cannot be told')], default='unfinished', max_length=12, verbose_name='outcome')),
                ('reached_seq', models.BigIntegerField(default=0, verbose_name='walked to event')),
                ('reached_sha256', models.CharField(max_length=64)),
                ('bad_seq', models.BigIntegerField(null=True, verbose_name='first bad event')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('checkpoint_number', models.PositiveIntegerField(default=0, verbose_name='newest checkpoint')),
                ('checkpoint_seq', models.BigIntegerField(default=0, verbose_name='vouched for up to event')),
                ('checkpoint_at', models.DateTimeField(null=True, verbose_name='signed at')),
            ],
            options={
                'verbose_name': 'verification of the audit trail',
                'verbose_name_plural': 'verifications of the audit trail',
                'ordering': ['-day'],
            },
        ),
    ]
