from zoneinfo import ZoneInfo

from django.db import models

from workspaces.ids import uuid7


class Workspace(models.Model):
    """The tenant: one company's CRM. Global, like its directory of who may enter."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    locale = models.CharField(max_length=10, default="en")
    region = models.CharField(max_length=2, default="US")  # for phones written without a country
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=60, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Access(models.Model):
    """Which workspaces a user may enter: the only fact about members known outside their workspace."""

    user = models.ForeignKey("workspaces.User", on_delete=models.CASCADE, related_name="accesses")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="accesses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="access_once")]
