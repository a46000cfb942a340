import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('users', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}$')], verbose_name='SHA-256')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('media_type', models.CharField(max_length=80, verbose_name='type')),
                ('stored_at', models.DateTimeField(verbose_name='stored at')),
            ],
            options={
                'verbose_name': 'stored file',
                'verbose_name_plural': 'stored files',
                'ordering': ['-stored_at'],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='recall', serialize=False, to='files.storedfile', verbose_name='stored file')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recalled by')),
                ('at', models.DateTimeField(verbose_name='recalled at')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('destroyed_at', models.DateTimeField(blank=True, null=True, verbose_name='bytes destroyed at')),
                ('destruction_record', models.CharField(blank=True, max_length=200, verbose_name='record of the destruction')),
            ],
            options={
                'verbose_name': 'recalled file',
                'verbose_name_plural': 'recalled files',
                'ordering': ['-at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('destroyed_at', None), models.Q(('destruction_record', ''), _negated=True), _connector='OR'), name='recall_destroyed_by_record', violation_error_message='Name the record of the destruction.')],
            },
        ),
    ]
