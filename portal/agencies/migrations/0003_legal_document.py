from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0002_phone")]
    operations = [
        migrations.AddField(
            model_name="agencychange",
            name="document_on",
            field=models.DateField(blank=True, null=True, verbose_name="date of the document"),
        ),
        migrations.AddField(
            model_name="agencychange",
            name="document_subject",
            field=models.CharField(blank=True, max_length=300, verbose_name="subject of the document"),
        ),
    ]
