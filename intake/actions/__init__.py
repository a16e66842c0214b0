"""Every write of this room."""

from intake.actions.again import find_delivery, forget_deliveries, replay, replay_failed
from intake.actions.deliver import deliveries_due
from intake.actions.enrich import enrich_due, queue_enrichment
from intake.actions.enter import answers_due, forget_answers
from intake.actions.export import drop_export, export_due, start_export
from intake.actions.forgetting import forget_files
from intake.actions.hooks import hook_of, keys_of, set_keys, set_mapping
from intake.actions.pause import pause, resume
from intake.actions.receive import receive
from intake.actions.run import import_due
from intake.actions.sources import add_source, change_source, drop_source, first_sources, load_table
from intake.actions.start import confirm_columns, discard, start_import
from intake.actions.undo import undo

__all__ = [
    "add_source",
    "answers_due",
    "change_source",
    "confirm_columns",
    "deliveries_due",
    "discard",
    "drop_export",
    "drop_source",
    "enrich_due",
    "export_due",
    "find_delivery",
    "first_sources",
    "forget_answers",
    "forget_deliveries",
    "forget_files",
    "hook_of",
    "import_due",
    "keys_of",
    "load_table",
    "pause",
    "queue_enrichment",
    "receive",
    "replay",
    "replay_failed",
    "resume",
    "set_keys",
    "set_mapping",
    "start_export",
    "start_import",
    "undo",
]
