import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agencies', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('full_name', models.CharField(max_length=120, verbose_name='full name')),
                ('rank', models.CharField(blank=True, max_length=40, verbose_name='military rank')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, help_text='At work; shown to those who urge.', max_length=40, verbose_name='telephone')),
                ('bounced_email', models.EmailField(blank=True, editable=False, max_length=254)),
                ('bounce_status', models.CharField(blank=True, editable=False, max_length=12)),
                ('bounced_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('name_sort_key', models.CharField(editable=False, max_length=600)),
                ('name_folded', models.CharField(editable=False, max_length=200)),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ['username'],
            },
        ),
        migrations.CreateModel(
            name='Failure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=64)),
                ('address', models.CharField(max_length=45)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['address', 'at'], name='failure_address_at'), models.Index(fields=['at'], name='failure_at')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('way', models.CharField(choices=[('mail', 'link by mail, code on paper'), ('present', 'in person')], max_length=10, verbose_name='way')),
                ('token_sha256', models.CharField(max_length=64, unique=True)),
                ('code_hash', models.CharField(max_length=128)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by')),
                ('invited_at', models.DateTimeField(verbose_name='invited at')),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('used_at', models.DateTimeField(blank=True, null=True, verbose_name='used at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['-invited_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None), ('used_at', None)), fields=('user',), name='invitation_one_open'), models.CheckConstraint(condition=models.Q(('used_at', None), ('revoked_at', None), _connector='OR'), name='invitation_ends_one_way')],
            },
        ),
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('note', models.CharField(max_length=300, verbose_name='how the person was recognised')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('code_hash', models.CharField(blank=True, max_length=128)),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('used_at', models.DateTimeField(blank=True, null=True, verbose_name='used at')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled at')),
            ],
            options={
                'verbose_name': 'recovery of a lost factor',
                'verbose_name_plural': 'recoveries of lost factors',
                'ordering': ['-opened_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at', None), ('used_at', None)), fields=('user',), name='recovery_one_open', violation_error_message='A recovery for this person is open already.'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='recovery_has_note'), models.CheckConstraint(condition=models.Q(models.Q(('opened_by', models.F('user')), _negated=True), models.Q(('approved_by', None), models.Q(models.Q(('approved_by', models.F('opened_by')), _negated=True), models.Q(('approved_by', models.F('user')), _negated=True)), _connector='OR')), name='recovery_takes_two_others'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None), ('code_hash', ''), ('used_at', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='recovery_code_after_approval')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='agencies.agency', verbose_name='agency')),
                ('role', models.CharField(choices=[('focal_point', 'Focal point'), ('agency_head', 'Head of agency'), ('deputy_head', 'Deputy head of agency'), ('records_clerk', 'Records clerk'), ('programme_officer', 'Programme officer'), ('commander', 'Commander'), ('viewer', 'Viewer'), ('administrator', 'Administrator')], max_length=20, verbose_name='role')),
                ('title', models.CharField(blank=True, max_length=120, verbose_name='title')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('document', models.CharField(blank=True, help_text='Number and symbol of the decision, for example 125/QĐ-UBND.', max_length=120, verbose_name='document')),
                ('document_on', models.DateField(blank=True, null=True, verbose_name='date of the document')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'ordering': ['agency', 'role', '-valid_from'],
                'indexes': [models.Index(fields=['agency', 'role'], name='membership_agency_role')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='membership_dates_in_order', violation_error_message='The post ends before it begins.'), models.UniqueConstraint(condition=models.Q(('role__in', ['agency_head', 'commander']), ('valid_to', None)), fields=('agency',), name='membership_one_head', violation_error_message='This agency already has a head; end that post first.'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('user',), name='membership_one_open_post', violation_error_message='This person already holds a post; end it first.')],
            },
        ),
        migrations.CreateModel(
            name='UsedCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='used_codes', to=settings.AUTH_USER_MODEL)),
                ('step', models.BigIntegerField()),
                ('used_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'step'), name='used_code_once')],
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('session_key', models.CharField(editable=False, max_length=40, unique=True)),
                ('signed_in_at', models.DateTimeField(verbose_name='signed in at')),
                ('last_seen_at', models.DateTimeField(verbose_name='last seen at')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='address')),
                ('browser', models.CharField(blank=True, max_length=300, verbose_name='browser')),
            ],
            options={
                'verbose_name': 'sign-in',
                'verbose_name_plural': 'sign-ins',
                'ordering': ['-last_seen_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_seen_at__gte', models.F('signed_in_at'))), name='sign_in_times_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('predecessor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name="predecessor's post")),
                ('predecessor_to', models.DateField(null=True)),
                ('successor', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='handover', to='users.membership', verbose_name="successor's post")),
                ('left', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.membership', verbose_name='post left')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
            ],
            options={
                'verbose_name': 'hand-over of a post',
                'verbose_name_plural': 'hand-overs of posts',
                'ordering': ['-made_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('successor__isnull', False), ('undone_at', None)), models.Q(('successor', None), ('undone_at__isnull', False)), _connector='OR'), name='handover_stands_or_was_undone')],
            },
        ),
        migrations.CreateModel(
            name='StepUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sign_in', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='step_ups', to='users.signin')),
                ('purpose', models.CharField(max_length=20)),
                ('path', models.CharField(blank=True, max_length=200)),
                ('mark', models.CharField(max_length=64)),
                ('granted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sign_in', 'purpose', 'path'), name='step_up_one_each')],
            },
        ),
    ]
