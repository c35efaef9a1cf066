from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('listening', '0003_fill'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='presentation',
            name='a_heard',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='a_is_first',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='a_served',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='a_token',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='b_heard',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='b_served',
        ),
        migrations.RemoveField(
            model_name='presentation',
            name='b_token',
        ),
        migrations.RemoveField(
            model_name='trial',
            name='first_arm',
        ),
        migrations.RemoveField(
            model_name='trial',
            name='first_clip',
        ),
        migrations.RemoveField(
            model_name='trial',
            name='second_arm',
        ),
        migrations.RemoveField(
            model_name='trial',
            name='second_clip',
        ),
        migrations.AlterField(
            model_name='trial',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='listening.question'),
        ),
        migrations.AlterField(
            model_name='trial',
            name='content',
            field=models.CharField(help_text='Its clips and what was done to them, in the order of ids.', max_length=120),
        ),
        migrations.AlterField(
            model_name='session',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='listening.question'),
        ),
    ]
