import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0001_initial'),
        ('tasks', '0022_period_review_wall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Scheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('scheme', 'scheme'), ('project', 'project'), ('plan', 'master plan')], max_length=7, verbose_name='kind')),
                ('title_vi', models.CharField(max_length=300, verbose_name='title in Vietnamese')),
                ('title_en', models.CharField(blank=True, max_length=300, verbose_name='title in English')),
                ('year_from', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='first year')),
                ('year_to', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='last year')),
                ('approval_number', models.CharField(max_length=60, verbose_name='number of the approving document')),
                ('approved_on', models.DateField(verbose_name='approved on')),
                ('approval_subject', models.CharField(max_length=300, verbose_name='subject of the approving document')),
                ('approved_by', models.CharField(blank=True, max_length=200, verbose_name='approved by')),
                ('state', models.CharField(choices=[('running', 'being carried out'), ('ended', 'ended')], default='running', editable=False, max_length=7, verbose_name='state')),
                ('outcome', models.TextField(blank=True, editable=False, verbose_name='outcome')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended at')),
                ('coordinating', models.ManyToManyField(blank=True, related_name='+', to='agencies.agency', verbose_name='coordinating agencies')),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='lead agency')),
            ],
            options={
                'verbose_name': 'scheme of several years',
                'verbose_name_plural': 'schemes of several years',
                'ordering': ['year_from', 'title_vi'],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300, verbose_name='milestone')),
                ('due_on', models.DateField(verbose_name='to be reached by')),
                ('state', models.CharField(choices=[('open', 'not reached yet'), ('reported', 'reported, waiting for confirmation'), ('reached', 'reached'), ('dropped', 'dropped')], default='open', editable=False, max_length=8, verbose_name='state')),
                ('result', models.TextField(blank=True, editable=False, verbose_name='result')),
                ('reached_on', models.DateField(editable=False, null=True, verbose_name='reached on')),
                ('settled_at', models.DateTimeField(editable=False, null=True, verbose_name='settled at')),
                ('note', models.TextField(blank=True, editable=False, verbose_name='reason')),
                ('reported_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
                ('settled_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by')),
                ('scheme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='tasks.scheme', verbose_name='scheme')),
            ],
            options={
                'verbose_name': 'milestone',
                'verbose_name_plural': 'milestones',
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='MilestoneDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestone_duties', to='tasks.assignment', verbose_name='assignment')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('milestone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='tasks.milestone', verbose_name='milestone')),
            ],
            options={
                'verbose_name': 'duty that carries a milestone',
                'verbose_name_plural': 'duties that carry milestones',
                'ordering': ['assignment__programme__year', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('milestone', 'assignment'), name='milestone_carried_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='scheme',
            constraint=models.CheckConstraint(condition=models.Q(('year_to__gte', models.F('year_from'))), name='scheme_ends_after_it_begins', violation_error_message='The last year comes before the first.'),
        ),
        migrations.AddConstraint(
            model_name='scheme',
            constraint=models.UniqueConstraint(fields=('approval_number', 'approved_on'), name='scheme_approved_once', violation_error_message='A scheme that this document approves is here already.'),
        ),
        migrations.AddConstraint(
            model_name='scheme',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'running')), models.Q(('ended_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='scheme_ended_with_outcome'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('scheme', 'title'), name='milestone_once', violation_error_message='The scheme has this milestone already.'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'dropped']), models.Q(('reached_on__isnull', False), models.Q(('result', ''), _negated=True)), _connector='OR'), name='milestone_reached_with_result'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='milestone_dropped_with_reason', violation_error_message='Give a reason.'),
        ),
    ]
