"""Amendments of signed duties, and the end of an issued document by a decision."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0011_files_to_verify'),
        ('files', '0002_recall'),
        ('tasks', '0004_evidence_wall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ordinal', models.PositiveSmallIntegerField(verbose_name='ordinal')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('closes_on', models.DateField(verbose_name='signing closes on')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
            ],
            options={
                'verbose_name': 'amendment',
                'verbose_name_plural': 'amendments',
                'ordering': ['programme', 'ordinal'],
            },
        ),
        migrations.CreateModel(
            name='AmendmentChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=10, verbose_name='code')),
                ('after', models.TextField(blank=True, verbose_name='as it shall read, JSON')),
            ],
            options={
                'verbose_name': 'change of a duty',
                'verbose_name_plural': 'changes of duties',
                'ordering': ['amendment', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Ending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('decision_number', models.CharField(max_length=80, verbose_name='number and symbol of the decision')),
                ('decided_on', models.DateField(verbose_name='date of the decision')),
                ('at', models.DateTimeField(verbose_name='decided at')),
            ],
            options={
                'verbose_name': 'end of a document',
                'verbose_name_plural': 'ends of documents',
            },
        ),
        migrations.RemoveConstraint(
            model_name='document',
            name='document_one_alive',
        ),
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('programme', 'coordination programme'), ('amendment', 'amendment')], default='programme', max_length=12, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'programme'), models.Q(('state__in', ['terminated', 'superseded']), _negated=True)), fields=('programme',), name='document_one_alive'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'amendment'), ('state__in', ['frozen', 'signing', 'closed'])), fields=('programme',), name='document_one_amendment_under_way'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='document',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amendment', to='agreements.document', verbose_name='document'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='programme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tasks.programme', verbose_name='programme'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.AddField(
            model_name='amendmentchange',
            name='amendment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='agreements.amendment'),
        ),
        migrations.AddField(
            model_name='ending',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='ending',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='ending', to='agreements.document', verbose_name='document'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.UniqueConstraint(fields=('programme', 'ordinal'), name='amendment_once'),
        ),
        migrations.AddConstraint(
            model_name='amendmentchange',
            constraint=models.UniqueConstraint(fields=('amendment', 'code'), name='amendment_change_once'),
        ),
        migrations.AddConstraint(
            model_name='ending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('decision_number', ''), _negated=True)), name='ending_has_reason_and_number'),
        ),
    ]
