"""Roots of other authorities and their revocation lists."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0018_certificate_life'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalRoot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('public_service', "for official duty (Government's cryptography authority)"), ('public', 'public (licensed provider)')], max_length=16, verbose_name='kind')),
                ('owner', models.CharField(max_length=200, verbose_name='whose it is')),
                ('common_name', models.CharField(max_length=200, verbose_name='name in the certificate')),
                ('der', models.BinaryField()),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='fingerprint')),
                ('not_before', models.DateTimeField(verbose_name='valid from')),
                ('not_after', models.DateTimeField(verbose_name='valid until')),
                ('state', models.CharField(choices=[('proposed', 'waiting for a command post'), ('enabled', 'trusted'), ('disabled', 'no longer trusted'), ('refused', 'refused')], default='proposed', editable=False, max_length=10, verbose_name='state')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'trusted outside root',
                'verbose_name_plural': 'trusted outside roots',
                'ordering': ['kind', 'owner', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ExternalList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer_sha256', models.CharField(max_length=64, verbose_name='fingerprint of its issuer')),
                ('issuer_name', models.CharField(max_length=200, verbose_name='issued by')),
                ('number', models.CharField(blank=True, max_length=64, verbose_name='number')),
                ('der', models.BinaryField()),
                ('this_update', models.DateTimeField(verbose_name='issued at')),
                ('next_update', models.DateTimeField(verbose_name='valid until')),
                ('added_at', models.DateTimeField(verbose_name='added at')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('root', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='agreements.externalroot', verbose_name='root')),
            ],
            options={
                'verbose_name': 'revocation list of an outside authority',
                'verbose_name_plural': 'revocation lists of outside authorities',
                'ordering': ['-this_update', '-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='externalroot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'enabled'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='external_root_enabled_by_another', violation_error_message='Somebody else has to enable this root.'),
        ),
        migrations.AddConstraint(
            model_name='externallist',
            constraint=models.UniqueConstraint(fields=('issuer_sha256', 'this_update'), name='external_list_once_a_moment'),
        ),
        migrations.AddConstraint(
            model_name='externallist',
            constraint=models.CheckConstraint(condition=models.Q(('next_update__gt', models.F('this_update'))), name='external_list_dates'),
        ),
    ]
