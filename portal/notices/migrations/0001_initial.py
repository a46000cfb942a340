import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('users', '0001_initial'),
        ('users', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('hour', models.PositiveSmallIntegerField(choices=[(6, '6:00'), (7, '7:00'), (8, '8:00'), (9, '9:00'), (10, '10:00'), (11, '11:00'), (12, '12:00'), (13, '13:00'), (14, '14:00'), (15, '15:00'), (16, '16:00'), (17, '17:00'), (18, '18:00')], default=7, verbose_name='hour of the daily mail')),
                ('language', models.CharField(choices=[('vi', 'Tiếng Việt'), ('en', 'English')], default='vi', max_length=2, verbose_name='language of mails')),
                ('unwanted', models.JSONField(blank=True, default=list, verbose_name='not by mail')),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='telephone for what cannot wait')),
                ('phone_confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('phone_code', models.CharField(blank=True, max_length=128)),
                ('phone_code_until', models.DateTimeField(blank=True, null=True)),
                ('phone_tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'mail preference',
                'verbose_name_plural': 'mail preferences',
                'constraints': [models.CheckConstraint(condition=models.Q(('hour__range', (6, 18))), name='mail_hour_of_the_day'), models.CheckConstraint(condition=models.Q(('phone_confirmed_at', None), models.Q(('phone', ''), _negated=True), _connector='OR'), name='phone_confirmed_is_one')],
            },
        ),
        migrations.CreateModel(
            name='CalendarLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='users.membership', verbose_name='post')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('token_sha256', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(verbose_name='made at')),
            ],
            options={
                'verbose_name': 'calendar link',
                'verbose_name_plural': 'calendar links',
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='kind')),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
                ('rule', models.CharField(help_text='Days from the due date, for example -7 or +1; or the moment of what is told.', max_length=60, verbose_name='rule')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('text_vi', models.CharField(max_length=800, verbose_name='text in Vietnamese')),
                ('text_en', models.CharField(max_length=800, verbose_name='text in English')),
                ('is_shown', models.BooleanField(default=True, verbose_name='shown')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read at')),
                ('mail_state', models.CharField(choices=[('waiting', 'waiting to be sent'), ('sent', 'sent'), ('skipped', 'not sent'), ('failed', 'could not be sent')], default='waiting', max_length=10, verbose_name='mail')),
                ('skip_reason', models.CharField(blank=True, max_length=120, verbose_name='why not sent')),
                ('send_after', models.DateTimeField(verbose_name='not before')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('phone_state', models.CharField(blank=True, choices=[('', 'none yet'), ('sent', 'sent'), ('skipped', 'not sent'), ('failed', 'could not be sent')], db_default='', default='', max_length=10, verbose_name='to the telephone')),
                ('phone_leased_until', models.DateTimeField(blank=True, null=True)),
                ('taken_on_at', models.DateTimeField(blank=True, null=True, verbose_name='in hand since')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['recipient', '-created_at'], name='notice_of_person'), models.Index(condition=models.Q(('mail_state', 'waiting')), fields=['send_after'], name='notice_waiting'), models.Index(condition=models.Q(('is_shown', True), ('read_at', None)), fields=['recipient'], name='notice_unread'), models.Index(condition=models.Q(('taken_on_at__isnull', False)), fields=['subject_type', 'subject_id'], name='notice_taken_on')],
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'recipient', 'rule', 'due_on'), name='notice_once')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
                ('day', models.DateField(verbose_name='day')),
                ('first', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.notice', verbose_name='urgent notice')),
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
                'indexes': [models.Index(condition=models.Q(('mail_state__in', ['waiting', 'sending'])), fields=['send_after'], name='mail_to_send'), models.Index(condition=models.Q(('mail_state', 'failed')), fields=['-day'], name='mail_undelivered')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('first', None)), fields=('recipient', 'day'), name='mail_of_the_day_once')],
            },
        ),
        migrations.AddField(
            model_name='Notice',
            name='mail',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='notices.mail', verbose_name='mail'),
        ),
    ]
