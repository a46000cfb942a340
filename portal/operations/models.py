"""What an installation knows about itself."""

from django.db import models


class DemonstrationMark(models.Model):
    """The one row that says: every account and signature in this database is made up."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    made_at = models.DateTimeField()
    # Drawn for DEMO_PUBLIC=1, and in plain text: every start prints them. Empty: the well-known ones.
    password = models.CharField(max_length=64, blank=True)
    pin = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="demonstration_mark_once")]

    @property
    def is_public(self) -> bool:
        return bool(self.password)

    def __str__(self) -> str:
        return f"demonstration since {self.made_at:%Y-%m-%d}"
