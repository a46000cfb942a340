"""Requests say what they are for; a suspension is told to the signer and the command, and lifted by the command."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.lib.walls import PERSON, SCOPE, build

OWNS = f"""EXISTS (SELECT 1 FROM agreements_certificate c
    WHERE c.id = agreements_suspension.certificate_id AND c.user_id = {PERSON})"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0017_issuers_of_certificates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='certificaterequest',
            name='purpose',
            field=models.CharField(choices=[('first', 'new certificate'), ('renewal', 'renewal before the old one ends'), ('forgotten_pin', 'forgotten PIN')], default='first', editable=False, max_length=16, verbose_name='purpose'),
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('suspended_at', models.DateTimeField(verbose_name='suspended at')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted at')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suspensions', to='agreements.certificate', verbose_name='certificate')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
                ('suspended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='suspended by')),
            ],
            options={
                'verbose_name': 'suspension',
                'verbose_name_plural': 'suspensions',
                'ordering': ['-suspended_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('certificate',), name='suspension_one_open', violation_error_message='This certificate is suspended already.'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__gte', models.F('suspended_at')), ('lifted_by__isnull', False)), _connector='OR'), name='suspension_lifted_by_somebody'), models.CheckConstraint(condition=models.Q(('lifted_by', None), models.Q(('lifted_by', models.F('suspended_by')), _negated=True), _connector='OR'), name='suspension_lifted_by_another', violation_error_message='Somebody else has to lift this suspension.')],
            },
        ),
        build(
            'agreements_suspension',
            {
                'read': f"FOR SELECT USING ({SCOPE} IN ('command', 'records') OR {OWNS})",
                'suspend': f"FOR INSERT WITH CHECK ({SCOPE} = 'command' OR {OWNS})",
                'lift': f"FOR UPDATE USING ({SCOPE} = 'command')",
            },
        ),
    ]
