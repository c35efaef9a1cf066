from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Code of before goes on writing and reading beside it: what is new has a default in the database."""

    dependencies = [("studies", "0010_engine_calls")]
    operations = [
        migrations.AddField("storedfile", "elsewhere", models.BooleanField(default=False, db_default=False, help_text="There may be an object in the bucket.")),
        migrations.AddField("storedfile", "sha256", models.CharField(max_length=64, blank=True, default="", db_default="")),
        migrations.AlterField("storedfile", "content", models.BinaryField(null=True)),
        migrations.AlterField("storedfile", "created_at", models.DateTimeField(auto_now_add=True, help_text="When it was last saved.")),
        AddConstraintNotValid(
            "storedfile",
            models.CheckConstraint(
                condition=Q(content__isnull=False) | (Q(elsewhere=True) & ~Q(sha256="")), name="stored_file_is_somewhere"
            ),
        ),
    ]
