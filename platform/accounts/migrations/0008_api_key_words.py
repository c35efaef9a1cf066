from django.db import migrations


class Migration(migrations.Migration):
    """Pages have always called it a key."""

    dependencies = [("accounts", "0007_security")]

    operations = [migrations.AlterModelOptions(name="apitoken", options={"verbose_name": "API key"})]
