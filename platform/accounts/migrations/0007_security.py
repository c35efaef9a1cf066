import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Whoever can write SQL as the application can add to the audit trail, and no more than that.
STAYS = """
    CREATE FUNCTION accounts_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The audit trail is only ever added to.';
    END
    $$;
    CREATE TRIGGER accounts_audit_stays BEFORE UPDATE OR DELETE ON accounts_auditentry
        FOR EACH ROW EXECUTE FUNCTION accounts_audit_stays();
"""
GOES = """
    DROP TRIGGER accounts_audit_stays ON accounts_auditentry;
    DROP FUNCTION accounts_audit_stays();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_idempotency_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tries',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'tries',
            },
        ),
        # Servers of the version before still write these two columns while this runs: they stay, unread from here on.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name='rateraccount', name='wrong_password_at'),
                migrations.RemoveField(model_name='rateraccount', name='wrong_passwords'),
            ],
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE accounts_rateraccount ALTER COLUMN wrong_passwords SET DEFAULT 0',
                    'ALTER TABLE accounts_rateraccount ALTER COLUMN wrong_passwords DROP DEFAULT',
                ),
            ],
        ),
        migrations.AddField(
            model_name='team',
            name='second_factor',
            field=models.BooleanField(db_default=False, default=False, help_text='Its members must sign in with a code from a device too. Whoever has none yet is asked to set it up.', verbose_name='second factor required'),
        ),
        migrations.AddField(
            model_name='user',
            name='second_factor_since',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='second factor since'),
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('who', models.CharField(blank=True, max_length=150, verbose_name='by')),
                ('kind', models.CharField(choices=[('sign-in', 'sign-in'), ('factor', 'second factor'), ('key', 'API key'), ('role', 'role'), ('account', 'account'), ('export', 'export'), ('payment', 'payment list'), ('erasure', 'erasure'), ('study', 'study'), ('webhook', 'webhook')], max_length=10)),
                ('text', models.CharField(max_length=300, verbose_name='what')),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit trail',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.RunSQL(STAYS, GOES),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'digest'), name='one_recovery_code_a_user_and_digest')],
            },
        ),
    ]
