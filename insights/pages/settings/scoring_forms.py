"""The forms of the scorecard's page: a rule of any kind, a card with its dimensions, the ideal customer."""

import re
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from insights.pages.settings.rows_field import Column, RowsField, number_in
from insights.pages.settings.section import ConditionField, words
from scoring.cards import said
from scoring.faults import ITS_OWN_RESULT
from scoring.formula import NUMERIC
from scoring.models import Rule, RuleKind, Scorecard
from workspaces.models import Team

POINTS, EACH, BANDS, FORMULA = RuleKind.POINTS, RuleKind.PER_UNIT, RuleKind.BANDS, RuleKind.FORMULA
# Which inputs belong to which kinds of rule; the others are put away in the browser.
KINDS = {
    "points": f"{POINTS} {EACH} {RuleKind.DISQUALIFIER}",
    "measure": f"{EACH} {BANDS}",
    "days": f"{EACH} {BANDS}",
    "bands": str(BANDS),
    "formula": str(FORMULA),
    "cap": f"{EACH} {FORMULA}",
    "half_life": f"{POINTS} {EACH}",
}


class RuleForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("What it says"), max_length=200)
    dimension = forms.ChoiceField(label=gettext_lazy("Dimension"))
    condition = ConditionField(label=gettext_lazy("Given when"), without=ITS_OWN_RESULT)
    kind = forms.ChoiceField(label=gettext_lazy("What it gives"), choices=RuleKind.choices, required=False)
    points = forms.IntegerField(
        label=gettext_lazy("Points"),
        help_text=gettext_lazy("Less than 0 takes points away."),
        required=False,
    )
    measure = forms.ChoiceField(
        label=gettext_lazy("Of which number"),
        help_text=gettext_lazy("For points for each: left empty, what the condition counts first."),
        required=False,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Counted in the last days"),
        help_text=gettext_lazy("Only for touches and follow-ups; empty: ever."),
        min_value=1,
        required=False,
    )
    bands = RowsField(
        [
            Column("from", gettext_lazy("From"), "number"),
            Column("to", gettext_lazy("To"), "number"),
            Column("points", gettext_lazy("Points"), "number"),
        ],
        least=3,
        label=gettext_lazy("Bands"),
        help_text=gettext_lazy("Without “to”, up to the next band; without “from”, everything below."),
    )
    unknown = forms.IntegerField(label=gettext_lazy("Points when it is not known"), required=False)
    formula = forms.CharField(
        label=gettext_lazy("Formula"),
        help_text=gettext_lazy(
            "Numbers, fields, + - * /, min, max, round, if. For example: min(20, employees / 50) + 2 *"
            " touches.download[30]"
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "formula", "spellcheck": "false"}),
    )
    cap = forms.IntegerField(label=gettext_lazy("At most (points)"), min_value=1, required=False)
    half_life = forms.IntegerField(
        label=gettext_lazy("Fades: half is left after (days)"),
        help_text=gettext_lazy("Empty: it does not fade. For touches and follow-ups."),
        min_value=1,
        required=False,
    )

    def __init__(self, card: Scorecard, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        dimensions = [(one["key"], name_of(one)) for one in card.dimensions]
        self.fields["dimension"].choices = dimensions  # type: ignore[attr-defined]
        chosen = self.initial.get("measure", "")
        self.fields["measure"].choices = [("", "–"), *numbers(chosen)]  # type: ignore[attr-defined]
        for name, kinds in KINDS.items() | {("unknown", str(BANDS))}:
            self.fields[name].kinds = kinds  # type: ignore[attr-defined]

    def rule(self, before: dict[str, Any]) -> dict[str, Any]:
        """The rule as ``write_rules`` takes it: what does not belong to its kind is left out."""
        given = self.cleaned_data
        kind = given["kind"] or POINTS
        found: dict[str, Any] = {
            "dimension": given["dimension"],
            "condition": given["condition"],
            "kind": kind,
            "label": relabelled(before.get("label", ""), given["label"]),
        }
        for name in ("points", "formula", "cap", "half_life"):
            if kind in KINDS[name].split() and given[name] not in (None, ""):
                found[name] = given[name]
        if kind in KINDS["measure"].split() and given["measure"]:
            found["measure"] = {"field": given["measure"]} | (
                {"days": given["days"]} if given["days"] else {}
            )
        if kind == BANDS:
            found["bands"] = [{name: number_in(text) for name, text in row.items()} for row in given["bands"]]
            if given["unknown"] is not None:
                found["bands"].append({"unset": True, "points": given["unknown"]})
        return found


def first_of(rule: Rule) -> dict[str, Any]:
    """A rule as the form begins with it."""
    names = ("dimension", "kind", "points", "condition", "formula", "cap", "half_life")
    first = {name: getattr(rule, name) for name in names} | {"label": said(rule.label)}
    first |= {"measure": rule.measure.get("field", ""), "days": rule.measure.get("days")}
    first["bands"] = [one for one in rule.bands if not one.get("unset")]
    first["unknown"] = next((one["points"] for one in rule.bands if one.get("unset")), None)
    return first


def numbers(chosen: str) -> list[tuple[str, str]]:
    """The fields that are numbers, to choose from; and the one that is chosen, also when it is no more."""
    known = words()
    found = [known.find(name) for name in known.names]
    fit = [
        one for one in found if one and one.kind in NUMERIC and one.name not in {*ITS_OWN_RESULT, "version"}
    ]
    gone = [] if not chosen or chosen in [one.name for one in fit] else [chosen]
    stale = [(name, _("%(name)s (no longer there)") % {"name": name}) for name in gone]
    return stale + sorted(((one.name, capfirst(str(one.label))) for one in fit), key=lambda pair: pair[1])


class CardForm(forms.Form):
    """Name, limits of the grades, the threshold, whose leads it scores, and its dimensions."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    threshold = forms.IntegerField(label=gettext_lazy("MQL from"), min_value=0)
    a = forms.IntegerField(label=gettext_lazy("Grade A from"), min_value=0)
    b = forms.IntegerField(label=gettext_lazy("Grade B from"), min_value=0)
    c = forms.IntegerField(label=gettext_lazy("Grade C from"), min_value=0)
    team: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Whose leads it scores"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("All leads of the workspace"),
    )
    dimensions = RowsField(
        [
            Column("key", "", "hidden"),
            Column("label", gettext_lazy("Dimension")),
            Column("cap", gettext_lazy("At most"), "number"),
            Column("weight", gettext_lazy("Weight"), "number"),
        ],
        least=1,
        label=gettext_lazy("Dimensions"),
        help_text=gettext_lazy(
            "A dimension's points are added, multiplied by the weight (1 unless said), and cut at “at most”."
        ),
    )

    def __init__(self, card: Scorecard, *args: Any, **options: Any) -> None:
        self.card = card
        limits = {name.lower(): card.grades.get(name) for name in "ABC"}
        first = {"name": card.name, "threshold": card.threshold, "team": card.team_id} | limits
        first["dimensions"] = [
            {"key": one["key"], "label": name_of(one), "cap": one.get("cap"), "weight": one.get("weight", 1)}
            for one in card.dimensions
        ]
        super().__init__(*args, **options, initial=first)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "name": given["name"],
            "threshold": given["threshold"],
            "grades": {name: given[name.lower()] for name in "ABC"},
            "team": given["team"],
            "dimensions": [self.dimension(row, at) for at, row in enumerate(given["dimensions"])],
        }

    def dimension(self, row: dict[str, str], at: int) -> dict[str, Any]:
        known = {one["key"]: one for one in self.card.dimensions}
        before = known.get(row["key"], {})
        weight = number_in(row["weight"])
        return {
            "key": row["key"] if row["key"] in known else key_for(row["label"], at, set(known)),
            "label": relabelled(before.get("label", ""), row["label"]) if before else row["label"],
            "cap": number_in(row["cap"]),
            "weight": 1 if weight is None else weight,
        }


def key_for(label: str, at: int, taken: set[str]) -> str:
    """A key of a new dimension: its name where that is plain letters, else its place."""
    key = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30]
    if not re.match(r"[a-z]", key):
        key = f"dimension_{at + 1}"
    while key in taken:
        key = f"{key[:26]}_{at + 1}"[:30] if not key.endswith(f"_{at + 1}") else f"{key[:24]}_{at + 1}_2"
    return key


class IdealForm(forms.Form):
    """Five questions about the best customers; each list is one entry a line, or between commas."""

    industries = forms.CharField(
        label=gettext_lazy("1. Which industries are your best customers in?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Separate by commas."),
        required=False,
    )
    size_from = forms.IntegerField(
        label=gettext_lazy("2. How many employees do they have, at least?"), min_value=0, required=False
    )
    size_to = forms.IntegerField(label=gettext_lazy("… and at most?"), min_value=0, required=False)
    regions = forms.CharField(
        label=gettext_lazy("3. Which regions do you serve?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    titles = forms.CharField(
        label=gettext_lazy("4. What is the job title of those who decide?"),
        help_text=gettext_lazy("Parts of a title, such as: director, CTO, 总监"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    exclusions = forms.CharField(
        label=gettext_lazy("5. Who never becomes a customer?"),
        help_text=gettext_lazy("Words in tags, industries or titles, such as: student, competitor"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )

    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data
        texts = {
            name: [one.strip() for one in re.split(r"[,，、;；\n]", given[name]) if one.strip()]
            for name in ("industries", "regions", "titles", "exclusions")
        }
        return texts | {"size": [given["size_from"], given["size_to"]]}


def name_of(dimension: dict[str, Any]) -> str:
    return said(dimension.get("label")) or dimension["key"]


def relabelled(label: Any, text: str) -> Any:
    """The label with this text in the reader's language; unchanged when it says so already."""
    if not isinstance(label, dict) or said(label) == text:
        return label if isinstance(label, dict) else text
    return label | {(get_language() or "en").lower(): text}


def amount_of(rule: Rule) -> str:
    """What a rule gives, short: "+3 each, at most 15", "2 to 10", "by formula", "D"."""
    parts = []
    match rule.kind:
        case RuleKind.BANDS:
            points = [one["points"] for one in rule.bands]
            parts.append(_("%(least)d to %(most)d") % {"least": min(points), "most": max(points)})
        case RuleKind.FORMULA:
            parts.append(_("by formula"))
        case RuleKind.DISQUALIFIER:
            parts.append(_("grade D"))
        case _kind:
            sign = "+" if rule.points > 0 else "−"
            each = _("%(points)s each") if rule.kind == RuleKind.PER_UNIT else "%(points)s"
            parts.append(each % {"points": f"{sign}{abs(rule.points)}"})
    return ", ".join(parts)


def fine_print(rule: Rule) -> str:
    """What bounds it and how it fades."""
    parts = []
    if rule.kind == RuleKind.DISQUALIFIER and rule.points:
        parts.append(f"{rule.points:+d}")
    if rule.cap is not None:
        parts.append(_("at most %(cap)d") % {"cap": rule.cap})
    if rule.half_life:
        parts.append(_("half after %(days)d d") % {"days": rule.half_life})
    return " · ".join(parts)
