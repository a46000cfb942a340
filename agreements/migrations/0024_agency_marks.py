"""Each agency may sign with a key of its own, after its head: its fields, its certificates, its requests."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0001_initial'),
        ('agreements', '0023_revoked_authorities'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='certificaterequest',
            name='certificate_request_one_open',
        ),
        migrations.RemoveConstraint(
            model_name='signaturefield',
            name='field_agency_once',
        ),
        migrations.AddField(
            model_name='certificate',
            name='for_agency',
            field=models.BooleanField(default=False, verbose_name='of the agency, not of the person'),
        ),
        migrations.AddField(
            model_name='certificaterequest',
            name='for_agency',
            field=models.BooleanField(default=False, editable=False, verbose_name='of the agency, not of the person'),
        ),
        migrations.AddField(
            model_name='document',
            name='agency_marks',
            field=models.BooleanField(default=False, editable=False, verbose_name='each agency signs with its own key, too'),
        ),
        migrations.AddField(
            model_name='signaturefield',
            name='after',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agency_field', to='agreements.signaturefield', verbose_name="the head's field, where this is the agency's own"),
        ),
        migrations.AlterField(
            model_name='signature',
            name='capacity',
            field=models.CharField(choices=[('head', 'head of the agency'), ('tm', 'head, on behalf of the collective (TM.)'), ('kt', 'deputy, signing for the head (KT.)'), ('q', 'acting head (Q.)'), ('tl', 'by order of the head (TL.)'), ('tuq', 'by written authorisation of the head (TUQ.)'), ('agency', 'digital signature of the agency')], max_length=6, verbose_name='capacity'),
        ),
        migrations.AddConstraint(
            model_name='certificaterequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('user', 'for_agency'), name='certificate_request_one_open', violation_error_message='You have already asked for a certificate.'),
        ),
        migrations.AddConstraint(
            model_name='certificaterequest',
            constraint=models.UniqueConstraint(condition=models.Q(('for_agency', True), ('state', 'requested')), fields=('agency',), name='certificate_request_one_an_agency', violation_error_message='A key of your agency waits for its release already.'),
        ),
        migrations.AddConstraint(
            model_name='signaturefield',
            constraint=models.UniqueConstraint(condition=models.Q(('after', None)), fields=('document', 'agency'), name='field_head_once'),
        ),
        migrations.AddConstraint(
            model_name='signaturefield',
            constraint=models.UniqueConstraint(condition=models.Q(('after__isnull', False)), fields=('document', 'agency'), name='field_agency_once'),
        ),
    ]
