from django.db import models


class Entry(models.Model):
    name = models.CharField(max_length=50)
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"
