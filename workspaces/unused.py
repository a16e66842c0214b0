"""Deleting what nothing refers to any more; what is in use stays, with a readable reason."""

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from workspaces.refusals import Refused


def delete_unused(row: models.Model) -> None:
    """Delete a row; Refused("in_use") when another row refers to it. Its own parts go with it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            row.delete()
            # The tenant's foreign keys are checked at commit; here is where somebody can still be told.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        message = _("“%(name)s” is in use and can't be deleted.") % {"name": row}
        raise Refused("in_use", message) from error
