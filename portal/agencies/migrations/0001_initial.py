import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='Key of the record, for example SNV-2025. It never changes.', max_length=30, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9][A-Z0-9-]*$', 'Capital letters, digits and hyphens only.')], verbose_name='code')),
                ('symbol', models.CharField(blank=True, max_length=30, verbose_name='symbol in papers')),
                ('name_vi', models.CharField(max_length=200, verbose_name='name in Vietnamese')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name in English')),
                ('kind', models.CharField(choices=[('party', 'Party body'), ('front_and_mass_org', 'Fatherland Front and mass organisations'), ('department', 'Provincial department'), ('provincial_body', 'Other provincial body'), ('armed_forces', 'Armed forces'), ('central_agency', 'Central agency located in the province')], max_length=30, verbose_name='kind')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='agencies.agency', verbose_name='parent agency')),
                ('header_parent', models.CharField(blank=True, help_text='First line of the head, for example QUÂN KHU 4.', max_length=200, verbose_name="superior body in the paper's head")),
                ('signature_block', models.TextField(help_text="Lines above the head's signature, one a line, for example GIÁM ĐỐC.", verbose_name='signature block')),
                ('phone', models.CharField(blank=True, help_text='Of its office; shown to those who urge.', max_length=40, verbose_name='telephone')),
                ('protocol_order', models.PositiveIntegerField(default=1000, verbose_name='protocol order')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('name_sort_key', models.CharField(editable=False, max_length=900)),
                ('name_folded', models.CharField(db_index=True, editable=False, max_length=450)),
            ],
            options={
                'verbose_name': 'agency',
                'verbose_name_plural': 'agencies',
                'ordering': ['protocol_order', 'name_sort_key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_from', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='agency_dates_in_order', violation_error_message='The agency ends before it begins.'), models.CheckConstraint(condition=models.Q(('signature_block', ''), _negated=True), name='agency_has_signature_block', violation_error_message='Give at least one line above the signature.')],
            },
        ),
        migrations.CreateModel(
            name='AgencyChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=20, unique=True, verbose_name='reference')),
                ('kind', models.CharField(choices=[('merge', 'merger'), ('split', 'split'), ('rename', 'renaming'), ('reparent', 'change of superior body'), ('dissolve', 'dissolution'), ('create', 'creation')], max_length=20, verbose_name='kind')),
                ('effective_on', models.DateField(verbose_name='effective on')),
                ('title_vi', models.CharField(max_length=300, verbose_name='title in Vietnamese')),
                ('title_en', models.CharField(blank=True, max_length=300, verbose_name='title in English')),
                ('legal_document', models.CharField(blank=True, max_length=300, verbose_name='legal document')),
                ('document_on', models.DateField(blank=True, null=True, verbose_name='date of the document')),
                ('document_subject', models.CharField(blank=True, max_length=300, verbose_name='subject of the document')),
                ('predecessors', models.ManyToManyField(blank=True, related_name='changes_out', to='agencies.agency', verbose_name='predecessors')),
            ],
            options={
                'verbose_name': 'change of agencies',
                'verbose_name_plural': 'changes of agencies',
                'ordering': ['-effective_on', 'reference'],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='agencies.agencychange', verbose_name='change')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='agencies.agency', verbose_name='successor')),
                ('scope_note', models.CharField(blank=True, max_length=300, verbose_name='what passed to it')),
            ],
            options={
                'verbose_name': 'successor',
                'verbose_name_plural': 'successors',
                'constraints': [models.UniqueConstraint(fields=('change', 'agency'), name='succession_once')],
            },
        ),
        migrations.AddField(
            model_name='AgencyChange',
            name='successors',
            field=models.ManyToManyField(blank=True, related_name='changes_in', through='agencies.Succession', to='agencies.agency', verbose_name='successors'),
        ),
    ]
