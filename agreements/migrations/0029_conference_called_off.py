"""A conference that does not take place is called off, with the reason."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0028_conference_wall'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='conference',
            name='conference_invited_when',
        ),
        migrations.RemoveConstraint(
            model_name='conference',
            name='conference_frozen_has_content',
        ),
        migrations.AddField(
            model_name='conference',
            name='called_off_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='called off'),
        ),
        migrations.AddField(
            model_name='conference',
            name='called_off_because',
            field=models.TextField(blank=True, editable=False, verbose_name='why it was called off'),
        ),
        migrations.AlterField(
            model_name='conference',
            name='state',
            field=models.CharField(choices=[('preparing', 'being prepared'), ('invited', 'invitations sent'), ('frozen', 'minutes waiting for signatures'), ('signed', 'minutes signed'), ('cancelled', 'called off')], default='preparing', editable=False, max_length=10, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='conference',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['preparing', 'cancelled']), ('invited_at__isnull', False), _connector='OR'), name='conference_invited_when'),
        ),
        migrations.AddConstraint(
            model_name='conference',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('called_off_at__isnull', False), ('called_off_because__gt', ''), ('state', 'cancelled')), models.Q(models.Q(('state', 'cancelled'), _negated=True), ('called_off_at', None), ('called_off_because', '')), _connector='OR'), name='conference_called_off_why'),
        ),
        migrations.AddConstraint(
            model_name='conference',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('content', None), ('frozen_at', None), ('state__in', ['preparing', 'invited', 'cancelled'])), models.Q(('content__isnull', False), ('content_sha256__gt', ''), ('ended_at__isnull', False), ('frozen_at__isnull', False), ('state__in', ['frozen', 'signed'])), _connector='OR'), name='conference_frozen_has_content'),
        ),
    ]
