"""Every write to leads that has a lock, several rows or a consequence."""

from leads.actions.advance import Advanced, advance, advance_one
from leads.actions.assess import assess
from leads.actions.capture import Captured, capture
from leads.actions.delete import delete_lead
from leads.actions.duplicates import dismiss, set_rules, suggest_again
from leads.actions.edit import edit
from leads.actions.follow_up import log_follow_up
from leads.actions.look import match_due, queue_matching, search_all
from leads.actions.merge import Pair, merge, merge_all
from leads.actions.people import add_contact, drop_contact
from leads.actions.playbooks import lay_out, planned_sql
from leads.actions.resume import resume_due, wake_changed, wake_touched
from leads.actions.revive import revive
from leads.actions.tags import (
    apply_holder_tags,
    apply_score_tags,
    apply_stage_tags,
    apply_tag_rules,
    retag_due,
    tag,
    tag_arriving,
    untag,
)
from leads.actions.tasks import add_task, finish_task, move_task, reopen_task
from leads.actions.touches import record_touches
from leads.actions.unmerge import survivor_of, undo_merge
from leads.actions.values import values_due

__all__ = [
    "Advanced",
    "Captured",
    "Pair",
    "add_contact",
    "add_task",
    "advance",
    "advance_one",
    "apply_holder_tags",
    "apply_score_tags",
    "apply_stage_tags",
    "apply_tag_rules",
    "assess",
    "capture",
    "delete_lead",
    "dismiss",
    "drop_contact",
    "edit",
    "finish_task",
    "lay_out",
    "log_follow_up",
    "match_due",
    "merge",
    "merge_all",
    "move_task",
    "planned_sql",
    "queue_matching",
    "record_touches",
    "reopen_task",
    "resume_due",
    "retag_due",
    "revive",
    "search_all",
    "set_rules",
    "suggest_again",
    "survivor_of",
    "tag",
    "tag_arriving",
    "undo_merge",
    "untag",
    "values_due",
    "wake_changed",
    "wake_touched",
]
