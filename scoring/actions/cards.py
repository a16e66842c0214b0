"""Scorecards: made, changed as drafts, and put in force. A card that was in force is never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from leads.conditions import vocabulary
from leads.happened import happened
from scoring.cards import read
from scoring.checks import check_reachable, clean_rules, clean_settings
from scoring.models import CardStatus, Rule, Scorecard
from workspaces.actions import audit
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refused
from workspaces.tenancy import current_workspace

SETTINGS = ("name", "dimensions", "grades", "threshold")


def new_card(*, as_of: datetime, actor: Member | None, **given: Any) -> Scorecard:
    """A draft with no rules yet, as the next version. Invalid: name, dimensions, grades or threshold."""
    require(actor, "rules")
    card = draft(clean_settings(given))
    audit("scorecard_made", card, {"version": card.version}, actor=actor, as_of=as_of)
    return card


def write_rules(
    card: Scorecard, rules: Any, *, as_of: datetime, actor: Member | None, **changes: Any
) -> Scorecard:
    """All rules of a card at once, with what else changes of it; the draft that holds them.

    A draft is changed itself. From a card that is or was in force a new draft is made: scores that
    it gave must stay explained. Invalid lists everything that is wrong.
    """
    require(actor, "rules")
    workspace = current_workspace()
    card = locked(card)
    given = {name: getattr(card, name) for name in SETTINGS}
    found = clean_settings(given | {name: value for name, value in changes.items() if name in SETTINGS})
    rows = clean_rules(rules, found["dimensions"], vocabulary(workspace))
    if card.status == CardStatus.DRAFT:
        Rule.objects.filter(scorecard=card).delete()
        Scorecard.objects.filter(pk=card.pk).update(**found, updated_at=as_of)
        card.refresh_from_db()
    else:
        card = draft(found)
    Rule.objects.bulk_create([Rule(scorecard=card, **row) for row in rows])
    audit("scorecard_changed", card, {"version": card.version, "rules": len(rows)}, actor=actor, as_of=as_of)
    return card


def activate(card: Scorecard, *, as_of: datetime, actor: Member | None, follow: bool = True) -> Scorecard:
    """Put a draft (or an earlier card) in force; the one before is archived; all leads are scored anew.

    Invalid when it has no rules or nobody could reach its threshold. ``follow=False`` leaves the scores
    as they are.
    """
    require(actor, "rules")
    card = locked(card)
    if card.status == CardStatus.ACTIVE:
        return card
    ready = read(card)
    if not ready.rules:
        raise Refused("no_rules", _("This scorecard has no rules yet."))
    check_reachable(ready)
    Scorecard.objects.filter(status=CardStatus.ACTIVE).update(status=CardStatus.ARCHIVED, updated_at=as_of)
    Scorecard.objects.filter(pk=card.pk).update(
        status=CardStatus.ACTIVE, activated_at=as_of, updated_at=as_of
    )
    card.refresh_from_db()
    audit("scorecard_activated", card, {"version": card.version}, actor=actor, as_of=as_of)
    if follow:
        happened("rules_changed", None, as_of=as_of, actor=actor)
    return card


def draft(settings: Mapping[str, Any]) -> Scorecard:
    take_turns()
    version = (Scorecard.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    return Scorecard.objects.create(version=version, status=CardStatus.DRAFT, **settings)


def locked(card: Scorecard) -> Scorecard:
    """The card as it is now that nobody else is changing cards."""
    take_turns()
    found = Scorecard.objects.filter(pk=card.pk).first()
    if found is None:
        raise NotThere(_("There is no such scorecard."))
    return found


def take_turns() -> None:
    """One change of cards at a time in a workspace: versions are counted, and one card is active."""
    Workspace.objects.select_for_update(no_key=True).get(pk=current_workspace().pk)
