
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_initial'),
        ('tasks', '0024_scheme_wall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='YearPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, verbose_name='number and symbol')),
                ('issued_on', models.DateField(verbose_name='issued on')),
                ('subject', models.CharField(max_length=300, verbose_name='subject')),
                ('kind', models.CharField(choices=[('CV', 'official letter'), ('CT', 'directive'), ('KH', 'plan'), ('NQ', 'resolution'), ('QĐ', 'decision (paper)'), ('QC', 'statute'), ('QyĐ', 'rules'), ('TC', 'communiqué'), ('TB', 'announcement'), ('HD', 'guidance'), ('CTr', 'programme (paper)'), ('PA', 'operating plan'), ('ĐA', 'scheme (paper)'), ('DA', 'project (paper)'), ('BC', 'report (paper)'), ('BB', 'minutes (paper)'), ('TTr', 'submission'), ('HĐ', 'contract'), ('CĐ', 'urgent telegram'), ('BGN', 'memorandum'), ('BTT', 'agreement (paper)'), ('GUQ', 'letter of authorisation'), ('GM', 'letter of invitation'), ('GGT', 'letter of introduction'), ('GNP', 'leave permit'), ('PG', 'sending slip'), ('PC', 'transfer slip'), ('PB', 'notice slip')], max_length=3, verbose_name='kind of paper')),
                ('issuer', models.CharField(max_length=200, verbose_name='issuing body')),
                ('file_name', models.CharField(blank=True, editable=False, max_length=160, verbose_name='file name')),
                ('declaration', models.CharField(blank=True, editable=False, max_length=10, verbose_name='declaration')),
                ('state', models.CharField(choices=[('entered', 'in the register'), ('struck', 'struck out')], default='entered', editable=False, max_length=7, verbose_name='state')),
                ('struck_reason', models.TextField(blank=True, editable=False, verbose_name='reason')),
                ('entered_at', models.DateTimeField(editable=False, verbose_name='entered at')),
                ('assignments', models.ManyToManyField(blank=True, related_name='papers', to='tasks.assignment', verbose_name='assignments')),
                ('clauses', models.ManyToManyField(blank=True, related_name='papers', to='tasks.clause', verbose_name='clauses')),
                ('entered_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('file', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='file')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='tasks.programme', verbose_name='programme')),
                ('solutions', models.ManyToManyField(blank=True, related_name='papers', to='tasks.solution', verbose_name='key solutions')),
                ('tasks', models.ManyToManyField(blank=True, related_name='papers', to='tasks.prioritytask', verbose_name='priority tasks')),
            ],
            options={
                'verbose_name': 'paper of the year',
                'verbose_name_plural': 'papers of the year',
                'ordering': ['-issued_on', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='sourcedocument',
            name='paper',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='tasks.yearpaper', verbose_name='paper of the year'),
        ),
        migrations.AddConstraint(
            model_name='yearpaper',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'entered')), fields=('programme', 'number', 'issued_on'), name='year_paper_once', violation_error_message='This document is in the register already.'),
        ),
        migrations.AddConstraint(
            model_name='yearpaper',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'entered'), models.Q(('struck_reason', ''), _negated=True), _connector='OR'), name='year_paper_struck_with_reason', violation_error_message='Give a reason.'),
        ),
        migrations.AddConstraint(
            model_name='yearpaper',
            constraint=models.CheckConstraint(condition=models.Q(('file', None), models.Q(models.Q(('file_name', ''), _negated=True), models.Q(('declaration', ''), _negated=True)), _connector='OR'), name='year_paper_file_declared'),
        ),
    ]
