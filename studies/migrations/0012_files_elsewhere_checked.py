from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """In a transaction of its own: rows are looked at without keeping others from writing."""

    dependencies = [("studies", "0011_files_elsewhere")]
    operations = [ValidateConstraint("storedfile", "stored_file_is_somewhere")]
