"""Issuing CAs and time-stamping keys that are believed no longer: written once."""

from django.db import migrations, models

from portal.audit.guards import AppendOnly


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0022_whose_root'),
    ]

    operations = [
        migrations.AlterField(
            model_name='certificate',
            name='revocation_reason',
            field=models.CharField(blank=True, choices=[('key_compromise', 'the PIN may be known to somebody else'), ('superseded', 'the PIN is forgotten, or a new certificate takes its place'), ('affiliation_changed', 'the person left the agency or the post'), ('cessation_of_operation', 'it is no longer needed'), ('ca_compromise', 'the authority that issued it was revoked')], max_length=200, verbose_name='reason of revocation'),
        ),
        migrations.CreateModel(
            name='AuthorityRevocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('issuing', 'issuing authority'), ('stamp', 'time-stamping key')], max_length=12, verbose_name='kind')),
                ('serial', models.CharField(max_length=48, unique=True, verbose_name='serial number')),
                ('common_name', models.CharField(max_length=160, verbose_name='name in the certificate')),
                ('revoked_at', models.DateTimeField(verbose_name='revoked at')),
                ('revocation_reason', models.CharField(choices=[('key_compromise', 'the key may be known to somebody else'), ('ca_compromise', "the authority's key may be known to somebody else")], max_length=20, verbose_name='reason of revocation')),
                ('used_from', models.DateTimeField(blank=True, null=True, verbose_name='used from')),
                ('used_until', models.DateTimeField(blank=True, null=True, verbose_name='used until')),
            ],
            options={
                'verbose_name': 'revoked authority',
                'verbose_name_plural': 'revoked authorities',
                'ordering': ['-revoked_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'stamp'), _negated=True), ('used_until__gte', models.F('used_from')), _connector='OR'), name='authority_revocation_stamp_has_its_time')],
            },
        ),
        AppendOnly(
            "agreements_authorityrevocation",
            [
                *("id", "kind", "serial", "common_name", "revoked_at", "revocation_reason", "used_from"),
                "used_until",
            ],
        ),
    ]
