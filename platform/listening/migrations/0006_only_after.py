from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0005_reward_and_title"),
        ("studies", "0009_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="listeningtest",
            name="only_after",
            field=models.ManyToManyField(
                blank=True,
                help_text="Only whoever completed one of these may begin.",
                related_name="+",
                to="studies.study",
            ),
        ),
    ]
