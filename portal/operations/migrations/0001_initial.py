from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DemonstrationMark',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('password', models.CharField(blank=True, max_length=64)),
                ('pin', models.CharField(blank=True, max_length=16)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='demonstration_mark_once')],
            },
        ),
    ]
