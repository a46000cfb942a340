
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0004_sending_waits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('mail_state', models.CharField(choices=[('waiting', 'waiting to be sent'), ('sending', 'being sent'), ('sent', 'sent'), ('skipped', 'not sent'), ('failed', 'could not be sent')], default='waiting', max_length=10, verbose_name='state')),
                ('why', models.CharField(blank=True, max_length=120, verbose_name='why not sent')),
                ('send_after', models.DateTimeField(verbose_name='next attempt')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('lease', models.BigIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mails',
                'ordering': ['-day', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.PositiveSmallIntegerField(choices=[(6, '6:00'), (7, '7:00'), (8, '8:00'), (9, '9:00'), (10, '10:00'), (11, '11:00'), (12, '12:00'), (13, '13:00'), (14, '14:00'), (15, '15:00'), (16, '16:00'), (17, '17:00'), (18, '18:00')], default=7, verbose_name='hour of the daily mail')),
                ('language', models.CharField(choices=[('vi', 'Tiếng Việt'), ('en', 'English')], default='vi', max_length=2, verbose_name='language of mails')),
                ('unwanted', models.JSONField(blank=True, default=list, verbose_name='not by mail')),
            ],
            options={
                'verbose_name': 'mail preference',
                'verbose_name_plural': 'mail preferences',
            },
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_to_send',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='lease',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='leased_until',
        ),
        migrations.AddField(
            model_name='notice',
            name='taken_on_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='in hand since'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='mail_state',
            field=models.CharField(choices=[('waiting', 'waiting to be sent'), ('sent', 'sent'), ('skipped', 'not sent'), ('failed', 'could not be sent')], default='waiting', max_length=10, verbose_name='mail'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='send_after',
            field=models.DateTimeField(verbose_name='not before'),
        ),
        migrations.AddField(
            model_name='mail',
            name='first',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.notice', verbose_name='urgent notice'),
        ),
        migrations.AddField(
            model_name='mail',
            name='recipient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recipient'),
        ),
        migrations.AddField(
            model_name='notice',
            name='mail',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='notices.mail', verbose_name='mail'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail_state', 'waiting')), fields=['send_after'], name='notice_waiting'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('taken_on_at__isnull', False)), fields=['subject_type', 'subject_id'], name='notice_taken_on'),
        ),
        migrations.AddField(
            model_name='mailpreference',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('mail_state__in', ['waiting', 'sending'])), fields=['send_after'], name='mail_to_send'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('mail_state', 'failed')), fields=['-day'], name='mail_undelivered'),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.UniqueConstraint(condition=models.Q(('first', None)), fields=('recipient', 'day'), name='mail_of_the_day_once'),
        ),
        migrations.AddConstraint(
            model_name='mailpreference',
            constraint=models.CheckConstraint(condition=models.Q(('hour__range', (6, 18))), name='mail_hour_of_the_day'),
        ),
    ]
