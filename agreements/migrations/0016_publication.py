"""Authorities and their revocation lists as published; lists stay what they were."""

import django.db.models.deletion
from django.db import migrations, models

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0015_signing_methods'),
    ]

    operations = [
        migrations.AddField(
            model_name='certificate',
            name='issuer_key_id',
            field=models.CharField(default='', max_length=64, verbose_name='key identifier of the issuing authority'),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='CertificateAuthority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=64, unique=True, verbose_name='key identifier')),
                ('kind', models.CharField(choices=[('root', 'root'), ('issuing', 'issuing authority')], max_length=12, verbose_name='kind')),
                ('common_name', models.CharField(max_length=160, verbose_name='name in the certificate')),
                ('der', models.BinaryField()),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='fingerprint')),
                ('not_before', models.DateTimeField(verbose_name='valid from')),
                ('not_after', models.DateTimeField(verbose_name='valid until')),
            ],
            options={
                'verbose_name': 'certificate authority',
                'verbose_name_plural': 'certificate authorities',
                'ordering': ['-kind', '-not_before', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('not_after__gt', models.F('not_before'))), name='authority_dates')],
            },
        ),
        migrations.CreateModel(
            name='RevocationList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(verbose_name='number')),
                ('der', models.BinaryField()),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('this_update', models.DateTimeField(verbose_name='issued at')),
                ('next_update', models.DateTimeField(verbose_name='valid until')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='agreements.certificateauthority', verbose_name='certificate authority')),
            ],
            options={
                'verbose_name': 'revocation list',
                'verbose_name_plural': 'revocation lists',
                'ordering': ['authority', '-number'],
                'constraints': [models.UniqueConstraint(fields=('authority', 'number'), name='revocation_list_number_once'), models.CheckConstraint(condition=models.Q(('next_update__gt', models.F('this_update'))), name='revocation_list_dates')],
            },
        ),
        AppendOnly(
            'agreements_revocationlist',
            ['id', 'authority_id', 'number', 'der', 'entries', 'this_update', 'next_update'],
        ),
    ]
