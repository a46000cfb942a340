"""Signatures with USB tokens and on paper: certificates of other authorities, counterparts, prepared signatures."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.audit.guards import AppendOnly

SIGNED = [
    *("id", "document_id", "field_id", "seq", "kind", "capacity", "signer_id", "signer_name"),
    *("capacity_lines", "authorisation_id", "grounds", "certificate_id", "external_certificate_id"),
    *("signed_at", "stamped_at", "file_id"),
]


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0001_initial'),
        ('agreements', '0014_signed_rows_guarded'),
        ('files', '0002_recall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaperSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'waiting for a second person'), ('confirmed', 'confirmed'), ('refused', 'refused')], default='waiting', editable=False, max_length=10, verbose_name='state')),
                ('signer_name', models.CharField(max_length=160, verbose_name='who signed')),
                ('signer_title', models.CharField(max_length=200, verbose_name='their post')),
                ('signed_on', models.DateField(verbose_name='signed on')),
                ('name', models.CharField(max_length=255, verbose_name='file name')),
                ('vouched_at', models.DateTimeField(verbose_name='uploaded at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'signature on paper',
                'verbose_name_plural': 'signatures on paper',
                'ordering': ['document', 'vouched_at'],
            },
        ),
        migrations.CreateModel(
            name='PreparedSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_sha256', models.CharField(max_length=64, unique=True)),
                ('capacity', models.CharField(blank=True, max_length=40, verbose_name='capacity')),
                ('grounds', models.CharField(blank=True, max_length=300, verbose_name='why not the head')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('ends_at', models.DateTimeField(verbose_name='ends at')),
                ('base_seq', models.PositiveSmallIntegerField(null=True, verbose_name='revision to be signed')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='time of signing')),
                ('tail', models.BinaryField(null=True)),
                ('attributes', models.BinaryField(null=True)),
                ('lease_ends_at', models.DateTimeField(null=True, verbose_name='lease ends at')),
            ],
            options={
                'verbose_name': 'prepared signature',
                'verbose_name_plural': 'prepared signatures',
                'ordering': ['-opened_at'],
            },
        ),
        migrations.AlterField(
            model_name='signature',
            name='certificate',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='agreements.certificate', verbose_name='certificate'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='kind',
            field=models.CharField(choices=[('portal', 'certificate of this portal'), ('upload', "USB token, signed on the signer's computer"), ('agent', 'USB token, through the signing program')], default='portal', max_length=10, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='ExternalCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('government', 'specialised public-service certificate (Government Cipher Committee)'), ('public', 'certificate of a licensed public authority')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('requested', 'waiting for release'), ('released', 'released'), ('refused', 'refused'), ('withdrawn', 'withdrawn'), ('ended', 'no longer used')], default='requested', editable=False, max_length=12, verbose_name='state')),
                ('common_name', models.CharField(max_length=200, verbose_name='name in the certificate')),
                ('issuer_name', models.CharField(max_length=200, verbose_name='issued by')),
                ('serial', models.CharField(max_length=64, verbose_name='serial number')),
                ('der', models.BinaryField()),
                ('fingerprint', models.CharField(max_length=64, verbose_name='fingerprint of the certificate')),
                ('not_before', models.DateTimeField(verbose_name='valid from')),
                ('not_after', models.DateTimeField(verbose_name='valid until')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'certificate on a token',
                'verbose_name_plural': 'certificates on tokens',
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='Counterpart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('base_seq', models.PositiveSmallIntegerField(verbose_name='revision that was signed')),
                ('head_seq', models.PositiveSmallIntegerField(verbose_name='newest revision at that time')),
                ('reason', models.CharField(choices=[('stale', 'signed on an older state of the file')], default='stale', max_length=10, verbose_name='reason')),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counterparts', to='agreements.document')),
                ('field', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counterparts', to='agreements.signaturefield')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='file')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signer')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.externalcertificate', verbose_name='certificate')),
            ],
            options={
                'verbose_name': 'signed counterpart',
                'verbose_name_plural': 'signed counterparts',
                'ordering': ['document', 'received_at'],
            },
        ),
        migrations.AddField(
            model_name='signature',
            name='external_certificate',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.externalcertificate', verbose_name='certificate on a token'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('certificate__isnull', False), ('external_certificate', None), ('kind', 'portal')), models.Q(models.Q(('kind', 'portal'), _negated=True), ('certificate', None), ('external_certificate__isnull', False)), _connector='OR'), name='signature_has_the_certificate_of_its_kind'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who confirmed'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_signatures', to='agreements.document'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='field',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_signatures', to='agreements.signaturefield'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile', verbose_name='scan'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='vouched_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who vouches'),
        ),
        migrations.AddField(
            model_name='preparedsignature',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.externalcertificate', verbose_name='certificate'),
        ),
        migrations.AddField(
            model_name='preparedsignature',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.document'),
        ),
        migrations.AddField(
            model_name='preparedsignature',
            name='signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.signature'),
        ),
        migrations.AddField(
            model_name='preparedsignature',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signer'),
        ),
        migrations.AddConstraint(
            model_name='externalcertificate',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'released'])), fields=('user',), name='external_certificate_one_each', violation_error_message='You have registered a certificate already. End that one first.'),
        ),
        migrations.AddConstraint(
            model_name='externalcertificate',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'released'])), fields=('fingerprint',), name='external_certificate_of_one_person', violation_error_message='This certificate is registered for somebody else.'),
        ),
        migrations.AddConstraint(
            model_name='externalcertificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'requested')), models.Q(models.Q(('state', 'requested'), _negated=True), ('decided_at__gte', models.F('asked_at'))), _connector='OR'), name='external_certificate_decided_has_time'),
        ),
        migrations.AddConstraint(
            model_name='externalcertificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', models.F('user')), _negated=True), ('state', 'withdrawn'), _connector='OR'), name='external_certificate_not_by_oneself', violation_error_message='Nobody releases their own certificate.'),
        ),
        migrations.AddConstraint(
            model_name='externalcertificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'ended')), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_at', None)), _connector='OR'), name='external_certificate_ended_has_time'),
        ),
        migrations.AddConstraint(
            model_name='counterpart',
            constraint=models.UniqueConstraint(fields=('document', 'file'), name='counterpart_once'),
        ),
        migrations.AddConstraint(
            model_name='counterpart',
            constraint=models.CheckConstraint(condition=models.Q(('base_seq__lt', models.F('head_seq'))), name='counterpart_is_older'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'refused'), _negated=True), fields=('field',), name='paper_signature_once', violation_error_message='A paper signature of this agency is recorded already.'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__gte', models.F('vouched_at'))), _connector='OR'), name='paper_signature_decided_has_time'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('vouched_by')), _negated=True), name='paper_signature_two_people', violation_error_message='Somebody else must confirm what you vouch for.'),
        ),
        migrations.AddConstraint(
            model_name='preparedsignature',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('opened_at'))), name='prepared_signature_ends'),
        ),
        AppendOnly("agreements_signature", SIGNED),  # on SQLite the table was made anew, without its triggers
        AppendOnly(
            "agreements_counterpart",
            [
                *("id", "document_id", "field_id", "signer_id", "certificate_id", "file_id", "base_seq"),
                *("head_seq", "reason", "received_at"),
            ],
        ),
        AppendOnly(
            "agreements_papersignature",
            [
                *("id", "document_id", "field_id", "signer_name", "signer_title", "signed_on", "file_id"),
                *("name", "vouched_by_id", "vouched_at"),
            ],
        ),
        AppendOnly(
            "agreements_externalcertificate",
            [
                *("id", "user_id", "agency_id", "kind", "common_name", "issuer_name", "serial", "der"),
                *("fingerprint", "not_before", "not_after", "asked_at"),
            ],
        ),
    ]
