"""What a new workspace does in each stage: seven steps, each with a goal, key actions, hints and words to say."""

from typing import Any

from django.utils.translation import gettext as _

from leads.models import Playbook, PlaybookAction

HOUR, DAY = 1, 24


def defaults() -> list[dict[str, Any]]:
    """The seven steps in the reader's language; an action is (title, channel, hours)."""
    return [
        {
            "stage": "mql",
            "name": _("First contact"),
            "goal": _("Build trust, and find out whether there is a reason to talk."),
            "hints": _("Within a day: interest cools fast. Refer to what they did."),
            "talk_track": _("You looked at … – what made you look for it just now?"),
            "actions": [
                (_("Call, or write by mail or WeCom"), "call", DAY),
                (_("If nobody answers: try another way"), "wecom", 3 * DAY),
                (_("Write the pain down in their words"), "", 5 * DAY),
            ],
        },
        {
            "stage": "sql",
            "name": _("Discovery"),
            "goal": _("Confirm the pain, and learn who decides, by when and with which money."),
            "hints": _("An interview, not a demonstration: they talk, you write."),
            "talk_track": _("What happens if nothing changes until next year?"),
            "actions": [
                (_("Interview: need, budget, authority, timeline"), "meeting", 3 * DAY),
                (_("Name the people who take part, with their roles"), "", 5 * DAY),
                (_("Agree on the next step with a date"), "", 7 * DAY),
            ],
        },
        {
            "stage": "opportunity",
            "step": "proposal",
            "name": _("Proposal"),
            "goal": _("They see their own problem solved, and want to see it work."),
            "hints": _("One page that uses their words beats thirty of ours."),
            "talk_track": _("Which of these points matters most to whoever signs?"),
            "actions": [
                (_("Send the proposal"), "email", 3 * DAY),
                (_("Invite to a demo"), "call", 5 * DAY),
            ],
        },
        {
            "stage": "opportunity",
            "step": "demo",
            "name": _("Demo"),
            "goal": _("Raise interest: the users recognise their own day."),
            "hints": _("With their data, their people, at most three points."),
            "talk_track": _("Where would this have saved you time last week?"),
            "actions": [
                (_("Give the demo"), "demo", 7 * DAY),
                (_("Collect questions and answer them in writing"), "email", 9 * DAY),
            ],
        },
        {
            "stage": "opportunity",
            "step": "negotiation",
            "name": _("Negotiation"),
            "goal": _("Agree on price and contract."),
            "hints": _("Give only against something. Talk to who pays."),
            "talk_track": _("If we agree on this, what else stands between us and an order?"),
            "actions": [
                (_("Send the offer with prices"), "email", 3 * DAY),
                (_("Speak with who pays"), "call", 5 * DAY),
                (_("Clear up the contract"), "meeting", 10 * DAY),
            ],
        },
        {
            "stage": "opportunity",
            "step": "signing",
            "name": _("Signing"),
            "goal": _("A signature, and a date to begin."),
            "hints": _("Know every desk the paper passes."),
            "talk_track": _("Who signs first, and when is that person in?"),
            "actions": [
                (_("Send the contract"), "email", 2 * DAY),
                (_("Follow the signatures"), "call", 5 * DAY),
            ],
        },
        {
            "stage": "won",
            "name": _("After-sales"),
            "goal": _("They use it, they are content, they tell others."),
            "hints": _("Visit again before they complain."),
            "talk_track": _("What has changed since you began?"),
            "actions": [
                (_("Hand over to whoever puts it in place"), "meeting", 3 * DAY),
                (_("Return visit"), "visit", 14 * DAY),
                (_("Ask for a satisfaction mark"), "call", 30 * DAY),
            ],
        },
    ]


def create() -> None:
    """The default playbooks of the open workspace, in the active language."""
    for at, told in enumerate(defaults()):
        actions = told.pop("actions")
        book = Playbook.objects.create(**told, position=at)
        PlaybookAction.objects.bulk_create(
            [
                PlaybookAction(playbook=book, title=title, channel=channel, due_hours=hours, position=place)
                for place, (title, channel, hours) in enumerate(actions)
            ]
        )
