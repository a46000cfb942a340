
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0001_initial'),
        ('tasks', '0006_report_wall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('baseline', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='baseline')),
                ('direction', models.CharField(choices=[('higher', 'higher is better'), ('lower', 'lower is better')], default='higher', max_length=6, verbose_name='direction')),
                ('aggregation', models.CharField(choices=[('sum', 'entries are added up'), ('latest', 'the newest entry counts'), ('average', 'the average of the entries counts')], default='sum', max_length=7, verbose_name='aggregation')),
                ('cycle', models.CharField(choices=[('once', 'once'), ('monthly', 'monthly'), ('quarterly', 'quarterly'), ('semiannual', 'every six months'), ('annual', 'during the year')], default='monthly', max_length=12, verbose_name='figures are entered')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('settled', 'settled')], default='draft', editable=False, max_length=7, verbose_name='state of the distribution')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note on the distribution')),
                ('revision', models.PositiveIntegerField(default=0, editable=False)),
                ('settled_at', models.DateTimeField(editable=False, null=True, verbose_name='settled at')),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='measure', to='tasks.assignment', verbose_name='assignment')),
                ('settled_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by')),
            ],
            options={
                'verbose_name': 'indicator',
                'verbose_name_plural': 'indicators',
                'ordering': ['assignment'],
            },
        ),
        migrations.CreateModel(
            name='JointIndicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_vi', models.CharField(max_length=200, verbose_name='name in Vietnamese')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name in English')),
                ('unit_vi', models.CharField(max_length=40, verbose_name='unit in Vietnamese')),
                ('unit_en', models.CharField(blank=True, max_length=40, verbose_name='unit in English')),
                ('target', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='target')),
                ('parts', models.ManyToManyField(related_name='joint_indicators', to='tasks.assignment', verbose_name='assignments')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='joint_indicators', to='tasks.programme', verbose_name='programme')),
            ],
            options={
                'verbose_name': 'joint indicator',
                'verbose_name_plural': 'joint indicators',
                'ordering': ['programme', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Locality',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9-]*$', 'Capital letters, digits and hyphens only.')], verbose_name='code')),
                ('kind', models.CharField(choices=[('city', 'city'), ('town', 'district-level town'), ('district', 'district'), ('ward', 'ward'), ('commune', 'commune')], max_length=10, verbose_name='kind')),
                ('name_vi', models.CharField(max_length=120, verbose_name='name in Vietnamese')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='name in English')),
                ('order', models.PositiveSmallIntegerField(default=1000, verbose_name='order')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('name_sort_key', models.CharField(editable=False, max_length=600)),
                ('name_folded', models.CharField(editable=False, max_length=300)),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='tasks.locality', verbose_name='merged into')),
            ],
            options={
                'verbose_name': 'locality',
                'verbose_name_plural': 'localities',
                'ordering': ['order', 'name_sort_key'],
            },
        ),
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='quota')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotas', to='tasks.indicator', verbose_name='indicator')),
                ('locality', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='tasks.locality', verbose_name='locality')),
            ],
            options={
                'verbose_name': 'quota',
                'verbose_name_plural': 'quotas',
                'ordering': ['agency__protocol_order', 'locality__order', 'locality__name_sort_key', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='as of')),
                ('value', models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name='figure')),
                ('at', models.DateTimeField(verbose_name='entered at')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='tasks.figure', verbose_name='corrects')),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='tasks.indicator', verbose_name='indicator')),
                ('quota', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='tasks.quota', verbose_name='quota')),
            ],
            options={
                'verbose_name': 'figure',
                'verbose_name_plural': 'figures',
                'ordering': ['-on', '-at', '-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='indicator',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'settled'), _negated=True), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='indicator_settled_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='indicator',
            constraint=models.CheckConstraint(condition=models.Q(('baseline', None), ('baseline__gte', 0), _connector='OR'), name='indicator_baseline_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='jointindicator',
            constraint=models.UniqueConstraint(fields=('programme', 'name_vi'), name='joint_indicator_once', violation_error_message='Another joint indicator of this programme has this name.'),
        ),
        migrations.AddConstraint(
            model_name='jointindicator',
            constraint=models.CheckConstraint(condition=models.Q(('target__gte', 0)), name='joint_target_not_negative', violation_error_message='A target cannot be negative.'),
        ),
        migrations.AddConstraint(
            model_name='locality',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_from', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='locality_dates_in_order', violation_error_message='The locality ends before it begins.'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agency', None), ('locality__isnull', False)), models.Q(('agency__isnull', False), ('locality', None)), _connector='OR'), name='quota_of_one_holder'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.UniqueConstraint(fields=('indicator', 'agency'), name='quota_of_agency_once', violation_error_message='This agency has a quota here already.'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.UniqueConstraint(fields=('indicator', 'locality'), name='quota_of_locality_once', violation_error_message='This locality has a quota here already.'),
        ),
        migrations.AddConstraint(
            model_name='quota',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 0)), name='quota_not_negative'),
        ),
        migrations.AddIndex(
            model_name='figure',
            index=models.Index(fields=['indicator', '-on'], name='figure_of_indicator'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects', None), ('quota', None)), fields=('indicator', 'on'), name='figure_of_whole_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects', None)), fields=('quota', 'on'), name='figure_of_quota_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('value__isnull', False)), models.Q(('corrects__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='figure_correction_says_why'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(('value', None), ('value__gte', 0), _connector='OR'), name='figure_not_negative'),
        ),
    ]
