"""Rules that would feed on their own result: on the score, the grade, the tier that follows from the grade, or on a
tag that comes and goes with one of them. Their scores would flip each time a lead is looked at."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.actions.tagging import key_of
from leads.conditions import Condition, Kind, Vocabulary, fields_used, leaves, parse
from leads.models import TagRule
from scoring.cards import ReadCard, in_force, said
from scoring.faults import ITS_OWN_RESULT, fault
from workspaces.refusals import Invalid

ANY_TAG = "*"
TagPair = tuple[str, Condition]  # the key of a tag, and when a rule puts it on


def tags_asked(condition: Condition) -> set[str]:
    """The keys of the tags it asks for; ANY_TAG where it asks whether there is any."""
    found: set[str] = set()
    for leaf in leaves(condition):
        if leaf.field.kind == Kind.TAGS:
            names = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            found |= {key_of(name) if name else ANY_TAG for name in names}
    return found


def meet(asked: set[str], fed: set[str]) -> set[str]:
    return fed if ANY_TAG in asked else asked & fed


def fed_tags(pairs: Iterable[TagPair]) -> set[str]:
    """The keys of the tags that come and go with the score, or with another such tag."""
    fed: set[str] = set()
    rest = list(pairs)
    while (
        more := {
            key for key, when in rest if ITS_OWN_RESULT & fields_used(when) or meet(tags_asked(when), fed)
        }
        - fed
    ):
        fed |= more
    return fed


def tag_pairs(but: UUID | None = None) -> list[TagPair]:
    """All active tag rules (but one)."""
    rules = TagRule.objects.filter(is_active=True)
    rules = rules.exclude(pk=but) if but else rules
    rows = rules.values_list("tag__name_key", "condition")
    return [(key, parse(when, Vocabulary(), stored=True)) for key, when in rows]


def own_result(condition: Condition) -> str:
    """Why a rule may not ask this; '' when it may."""
    asked = ITS_OWN_RESULT & fields_used(condition)
    if not asked:
        return ""
    if asked == {"tier"}:
        return _("A rule can't ask about the tier: it follows from the grade, and would feed on itself.")
    return _("A rule can't ask about the score or the grade: it would feed on itself.")


def on_fed_tags(conditions: Iterable[tuple[str, Condition]]) -> list[dict[str, str]]:
    """A fault for each condition (with its path) on a tag that comes and goes with the score."""
    asked = [(path, tags_asked(condition)) for path, condition in conditions]
    if not any(tags for _path, tags in asked):
        return []
    fed = fed_tags(tag_pairs())
    message = _("The tag “%(tag)s” comes and goes with the score: a rule on it would feed on itself.")
    return [
        fault(path, message % {"tag": min(found)}, "cycle")
        for path, tags in asked
        if (found := meet(tags, fed))
    ]


def check_no_cycle(card: ReadCard) -> None:
    """Before a card is put in force: Invalid names every rule that would feed on itself.

    Such rules were stored when they were not refused yet, or before the tag's rule asked about the score.
    """
    paths = [(f"rules[{rule.position}].condition", rule.condition) for rule in card.rules]
    faults = [fault(path, why, "cycle") for path, condition in paths if (why := own_result(condition))]
    faults += on_fed_tags(paths)
    labels = {path: said(rule.label) for (path, _c), rule in zip(paths, card.rules, strict=True)}
    for one in faults:
        if label := labels[one["field"]]:
            one["message"] = _("“%(rule)s”: %(fault)s") % {"rule": label, "fault": one["message"]}
    if faults:
        raise Invalid(faults)


def may_follow_score(name: str, instead_of: UUID | None = None) -> bool:
    """May a rule put this tag on by the score? Not where a card in force gives points for what follows from it."""
    try:
        check_tag_rule(name, {"field": "score", "op": "gte", "value": 1}, instead_of)
    except Invalid:
        return False
    return True


def check_tag_rule(name: str, condition: Any, instead_of: UUID | None = None) -> None:
    """Before a tag rule comes into force: Invalid when a card in force gives points for what it would feed."""
    others = tag_pairs(but=instead_of)
    new = (key_of(name), parse(condition, Vocabulary(), stored=True))
    fed = fed_tags([*others, new]) - fed_tags(others)
    if not fed:
        return
    asked = {tag for card in in_force() for rule in card.rules for tag in tags_asked(rule.condition)}
    if found := meet(asked, fed):
        message = _("The scorecard gives points for the tag “%(tag)s”: it can't come and go with the score.")
        raise Invalid.field("condition", message % {"tag": min(found)}, "cycle")
