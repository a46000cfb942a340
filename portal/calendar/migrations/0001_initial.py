from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(unique=True, verbose_name='date')),
                ('kind', models.CharField(choices=[('off', 'day off'), ('worked', 'worked in exchange')], default='off', max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
            ],
            options={
                'verbose_name': 'holiday or swapped day',
                'verbose_name_plural': 'holidays and swapped days',
                'ordering': ['-on'],
            },
        ),
    ]
