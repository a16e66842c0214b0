import uuid

from django.db import models

from workspaces.tenancy import TenantModel


class SettingsStamp(TenantModel):
    """Says which state a workspace's settings are in: a new one with every change. Written by the database alone.

    A state, not a number: of a change that is rolled back nothing may be left that a later one would be taken for.
    """

    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="settings_stamp_once")]
