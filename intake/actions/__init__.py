"""Every write of this room."""

from intake.actions.export import export_due, start_export
from intake.actions.pause import pause, resume
from intake.actions.run import import_due
from intake.actions.start import confirm_columns, discard, start_import
from intake.actions.undo import undo

__all__ = [
    "confirm_columns",
    "discard",
    "export_due",
    "import_due",
    "pause",
    "resume",
    "start_export",
    "start_import",
    "undo",
]
