from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    REP = "rep", _("Rep")
    MARKETER = "marketer", _("Marketer")
    VIEWER = "viewer", _("Viewer")


class Team(TenantModel):
    name = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class Member(TenantModel):
    """A user in a workspace, with a role. Deactivated, never deleted: history names them."""

    user = models.ForeignKey("workspaces.User", on_delete=models.PROTECT, related_name="+")
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.REP)
    team = TenantForeignKey(Team, null=True, blank=True, related_name="members")
    capacity = models.PositiveIntegerField(default=100)  # leads held at once
    takes_leads = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once"),
            models.UniqueConstraint(fields=["workspace", "email"], name="member_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def manages(self) -> bool:
        return self.role in (Role.ADMIN, Role.MANAGER)


class ApiKey(TenantModel):
    """A secret with which a program acts as one member. Only its hash is stored."""

    member = TenantForeignKey(Member, related_name="api_keys")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    hint = models.CharField(max_length=8)  # the last letters, to tell keys apart
    last_used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "digest"], name="api_key_digest_once")]
