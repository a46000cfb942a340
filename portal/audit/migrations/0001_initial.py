from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('verb', models.CharField(max_length=60, verbose_name='action')),
                ('actor_id', models.BigIntegerField(null=True, verbose_name='actor id')),
                ('actor_label', models.CharField(blank=True, max_length=200, verbose_name='actor')),
                ('agency_code', models.CharField(blank=True, max_length=30, verbose_name='agency')),
                ('subject_type', models.CharField(max_length=60, verbose_name='kind of object')),
                ('subject_id', models.CharField(max_length=64, verbose_name='object id')),
                ('subject_label', models.CharField(blank=True, max_length=300, verbose_name='object')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='network address')),
                ('request_id', models.CharField(blank=True, max_length=16, verbose_name='request id')),
                ('payload', models.TextField(verbose_name='details')),
                ('prev_sha256', models.CharField(max_length=64, verbose_name='previous hash')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='hash')),
            ],
            options={
                'verbose_name': 'audit event',
                'verbose_name_plural': 'audit events',
                'ordering': ['-seq'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', '-seq'], name='event_subject'), models.Index(fields=['actor_id', '-seq'], name='event_actor'), models.Index(fields=['agency_code', '-seq'], name='event_agency'), models.Index(fields=['verb', '-seq'], name='event_verb'), models.Index(fields=['at'], name='event_at')],
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(default=0)),
                ('sha256', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_one_head')],
            },
        ),
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
