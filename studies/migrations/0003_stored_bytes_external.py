from django.db import migrations


class Migration(migrations.Migration):
    """Audio is compressed already: keep it out of line and as it is, so that a range reads only its own pages."""

    dependencies = [("studies", "0002_tables")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE studies_storedfile ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE studies_storedfile ALTER COLUMN content SET STORAGE EXTENDED",
        )
    ]
