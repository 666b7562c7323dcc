"""As `manage.py makemigrations` writes it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
                ("text", models.CharField(max_length=200)),
            ],
            options={"ordering": ["-id"], "verbose_name_plural": "entries"},
        ),
    ]
