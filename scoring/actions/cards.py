"""Scorecards: made, changed as drafts, and put in force. A card that was in force is never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from leads.conditions import vocabulary
from scoring.actions.anew import all_anew, go_on
from scoring.cards import read
from scoring.checks import check_reachable, clean_rules, clean_settings
from scoring.cycles import check_no_cycle
from scoring.models import CardStatus, Rule, Scorecard
from workspaces.actions import audit
from workspaces.models import Member, Team, Workspace
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere, Refused
from workspaces.tenancy import current_workspace

SETTINGS = ("name", "dimensions", "grades", "threshold")
AMOUNTS = ("kind", "points", "measure", "bands", "formula", "cap", "half_life")
STORED = ("dimension", "label", "condition", *AMOUNTS)  # a rule as ``write_rules`` takes it


def new_card(
    *,
    as_of: datetime,
    actor: Member | None,
    team: Team | UUID | str | None = None,
    origin: str = "",
    based_on: UUID | None = None,
    **given: Any,
) -> Scorecard:
    """A draft with no rules yet, as the next version. Invalid: name, dimensions, grades, threshold or team.

    ``team``: whose leads it is for; ``origin``: what made it, when not a person.
    """
    require(actor, "rules")
    about = {"team": team_of(team), "origin": origin, "based_on": based_on}
    card = draft(clean_settings(given) | about)
    audit("scorecard_made", card, {"version": card.version, "origin": origin}, actor=actor, as_of=as_of)
    return card


def team_of(given: Team | UUID | str | None) -> Team | None:
    if not given:
        return None
    if isinstance(given, Team):
        return given
    try:
        found = Team.objects.filter(pk=UUID(str(given))).first()
    except ValueError:
        found = None
    if found is None:
        raise Invalid.field("team", _("There is no such team."), "unknown_value")
    return found


def write_rules(
    card: Scorecard,
    rules: Any,
    *,
    as_of: datetime,
    actor: Member | None,
    like: Scorecard | None = None,
    **changes: Any,
) -> Scorecard:
    """All rules of a card at once, with what else changes of it; the draft that holds them.

    What the card (or the one it is made ``like``) asks already, it may ask on: see ``clean_rules``.

    A draft is changed itself. From a card that is or was in force a new draft is made: scores that
    it gave must stay explained. Invalid lists everything that is wrong.
    """
    require(actor, "rules")
    workspace = current_workspace()
    card = locked(card)
    given = {name: getattr(card, name) for name in SETTINGS}
    found = clean_settings(given | {name: value for name, value in changes.items() if name in SETTINGS})
    if "team" in changes:
        found["team"] = team_of(changes["team"])
    before: list[Rule] = []
    rows = clean_rules(rules, found["dimensions"], vocabulary(workspace), rules_of(like or card))
    if card.status == CardStatus.DRAFT:
        before = list(Rule.objects.filter(scorecard=card).order_by("position", "id"))
        Rule.objects.filter(scorecard=card).delete()
        Scorecard.objects.filter(pk=card.pk).update(**found, updated_at=as_of)
        card.refresh_from_db()
    else:
        card = draft({"team": card.team} | found | {"based_on": card.pk})
    Rule.objects.bulk_create(with_ids([Rule(scorecard=card, **row) for row in rows], before))
    audit("scorecard_changed", card, {"version": card.version, "rules": len(rows)}, actor=actor, as_of=as_of)
    return card


def with_ids(rules: list[Rule], before: list[Rule]) -> list[Rule]:
    """The rules with the ids they had: the same rule wherever it stands now, and one that was changed in its place."""
    left = {rule.pk: rule for rule in before}
    new = []
    for rule in rules:
        same = next((key for key, old in left.items() if stored(old) == stored(rule)), None)
        if same:
            rule.pk = left.pop(same).pk
        else:
            new.append(rule)
    by_place = {rule.position: rule.pk for rule in left.values()}
    for rule in new:
        rule.pk = by_place.get(rule.position, rule.pk)
    return rules


def stored(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in STORED}


def rules_of(card: Scorecard) -> list[dict[str, Any]]:
    """The rules of a card in their order, as ``write_rules`` takes them."""
    rows = Rule.objects.filter(scorecard=card).order_by("position", "id")
    return [stored(row) for row in rows]


def copy_card(card: Scorecard, *, as_of: datetime, actor: Member | None, **changes: Any) -> Scorecard:
    """A new draft with the settings and rules of this card, whatever its status."""
    given = {name: getattr(card, name) for name in SETTINGS} | {"team": card.team} | changes
    copied = new_card(as_of=as_of, actor=actor, based_on=card.pk, **given)
    return write_rules(copied, rules_of(card), as_of=as_of, actor=actor, like=card)


def activate(card: Scorecard, *, as_of: datetime, actor: Member | None, follow: bool = True) -> Scorecard:
    """Put a draft (or an earlier card) in force; the one before is archived; all leads are scored anew.

    Few leads are scored at once, many set by set in the background (``scoring.actions.anew``), old scores
    standing until then; a rescoring that is still running is replaced by this one. Of the card in
    force, a rescoring that was given up goes on. Invalid when nobody could
    reach its threshold, or a rule would feed on itself; Refused (no_rules). ``follow=False`` leaves the scores
    as they are.
    """
    require(actor, "rules")
    card = locked(card)
    if card.status == CardStatus.ACTIVE:
        if follow:
            go_on(as_of=as_of, actor=actor)
        return card
    ready = read(card)
    if not ready.rules:
        raise Refused("no_rules", _("This scorecard has no rules yet."))
    check_reachable(ready)
    check_no_cycle(ready)
    before = Scorecard.objects.filter(status=CardStatus.ACTIVE, team=card.team)
    before.update(status=CardStatus.ARCHIVED, archived_at=as_of, updated_at=as_of)
    Scorecard.objects.filter(pk=card.pk).update(
        status=CardStatus.ACTIVE, activated_at=as_of, archived_at=None, updated_at=as_of
    )
    card.refresh_from_db()
    audit("scorecard_activated", card, {"version": card.version}, actor=actor, as_of=as_of)
    if follow:
        all_anew(None, as_of=as_of, actor=actor, card=card)
    return card


def archive(card: Scorecard, *, as_of: datetime, actor: Member | None) -> Scorecard:
    """Put a card aside. A team's card in force: its leads are scored by the workspace's from now on.

    Refused (only_one) for the workspace's card in force: another is put in force instead.
    """
    require(actor, "rules")
    card = locked(card)
    was_active = card.status == CardStatus.ACTIVE
    if was_active and card.team_id is None:
        raise Refused(
            "only_one", _("A workspace is always scored by one card. Put another one in force instead.")
        )
    Scorecard.objects.filter(pk=card.pk).update(
        status=CardStatus.ARCHIVED, archived_at=as_of, updated_at=as_of
    )
    card.refresh_from_db()
    audit("scorecard_archived", card, {"version": card.version}, actor=actor, as_of=as_of)
    if was_active:
        all_anew(None, as_of=as_of, actor=actor)
    return card


def draft(settings: Mapping[str, Any]) -> Scorecard:
    take_turns()
    version = (Scorecard.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    return Scorecard.objects.create(version=version, status=CardStatus.DRAFT, **settings)


def locked(card: Scorecard) -> Scorecard:
    """The card as it is now that nobody else is changing cards. Whoever writes rules that they have read locks it
    before reading."""
    take_turns()
    found = Scorecard.objects.filter(pk=card.pk).first()
    if found is None:
        raise NotThere(_("There is no such scorecard."))
    return found


def take_turns() -> None:
    """One change of cards at a time in a workspace: versions are counted, and one card is active."""
    Workspace.objects.select_for_update(no_key=True).get(pk=current_workspace().pk)
