"""Every write about notices: telling members, sending, reading, and how each wants to be told."""

from notices.actions.follow import (
    tell_approvers,
    tell_came_again,
    tell_decided,
    tell_holders,
    tell_late,
    tell_mentioned,
    tell_merged,
    tell_resumed,
    tell_warned,
)
from notices.actions.notify import News, notify
from notices.actions.outside import tell_captured, tell_owner, tell_stage
from notices.actions.read import mark_read, mark_unread
from notices.actions.send import send_due
from notices.actions.tasks import tell_tasks_due
from notices.actions.webhooks import (
    add_webhook,
    change_webhook,
    drop_webhook,
    new_secret_of,
    send_again,
    try_webhook,
)
from notices.actions.wishes import set_hours, set_preferences

__all__ = [
    "News",
    "add_webhook",
    "change_webhook",
    "drop_webhook",
    "mark_read",
    "mark_unread",
    "new_secret_of",
    "notify",
    "send_again",
    "send_due",
    "set_hours",
    "set_preferences",
    "tell_approvers",
    "tell_came_again",
    "tell_captured",
    "tell_decided",
    "tell_holders",
    "tell_late",
    "tell_mentioned",
    "tell_merged",
    "tell_owner",
    "tell_resumed",
    "tell_stage",
    "tell_tasks_due",
    "tell_warned",
    "try_webhook",
]
