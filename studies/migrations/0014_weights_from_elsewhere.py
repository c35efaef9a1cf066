from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studies", "0013_study_judge")]
    operations = [
        migrations.AddField(
            model_name="checkpoint",
            name="origin",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="STUDY/ARM/ROUND that tuned it, where that was not this arm.",
                max_length=150,
            ),
        ),
    ]
