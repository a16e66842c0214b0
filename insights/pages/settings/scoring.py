"""The scorecard: dimensions and rules as sentences with points; a change makes a draft, which is put in force."""

import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.first_steps import SEEN
from insights.pages.settings.people import Acts
from insights.pages.settings.scoring_forms import (
    CardForm,
    IdealForm,
    RuleForm,
    amount_of,
    fine_print,
    first_of,
    name_of,
)
from insights.pages.settings.section import Section, attempt, find, sentence, words
from leads.conditions import Vocabulary, leaves, parse
from scoring import formula
from scoring.actions import activate, archive, copy_card, go_on, locked, new_card, write_rules
from scoring.actions import rules_of as given_rules
from scoring.actions.anew import progress, stopped
from scoring.actions.cards import STORED
from scoring.cards import read, said
from scoring.crossing import crossing, title_of
from scoring.line import gate_asks
from scoring.models import CardStatus, Rule, RuleKind, Scorecard
from scoring.pages.picking import CARDS, id_asked, tabs, versions
from scoring.patterns import PATTERNS, Pattern
from scoring.preview import preview
from workspaces.paging import whole_number
from workspaces.posted import posted
from workspaces.refusals import Invalid, NotThere
from workspaces.tenancy import current_workspace

CROSSING = 50  # leads a page
NOBODY = UUID(int=0)
LAST = 999_999_999  # no card has as many versions
RULE = re.compile(r"rules\[(\d+)\]\.?(.*)")


class Scoring(Section):
    key, icon = "scoring", "gauge"
    title = gettext_lazy("Scoring")
    text = gettext_lazy("Which facts and which behaviour give points, and what grades they add up to.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        request.session[SEEN] = str(current_workspace().pk)
        asked, before = id_asked(request, "card"), whole_number(request.GET.get("before", ""), LAST, -1)
        older = None if before < 0 else before
        cards = versions(asked, before=older)
        chosen = next((card for card in cards if card.pk == asked), None)
        active = [card for card in cards if card.status == CardStatus.ACTIVE]
        active.sort(key=lambda card: card.team_id is not None)
        card = chosen or next(iter(active), None) or next(iter(cards), None)
        if card is None:
            return {"card": None}
        rules = list(Rule.objects.filter(scorecard=card).order_by("position", "id"))
        told = as_told(rules)
        return {
            "tabs": tabs(current_workspace().slug, "scoring") if self.may_change(request.member) else [],
            "card": card,
            "cards": cards,
            "older": older is not None,
            "oldest": oldest(cards, older),
            "steps": steps(card),
            "dimensions": [
                {
                    "key": one["key"],
                    "name": name_of(one),
                    "cap": one.get("cap"),
                    "weight": None if one.get("weight", 1) == 1 else f"{one['weight']:g}",
                    "rules": [rule for rule in told if rule["row"].dimension == one["key"]],
                }
                for one in card.dimensions
            ],
            "draft": card.status == CardStatus.DRAFT,
            "foreseeable": bool(rules) and card.status != CardStatus.ACTIVE,
            "grades": [(grade, card.grades.get(grade)) for grade in "ABC"],
            "running": progress(),
            "stopped": stopped(),
            "maximum": read(card, others=()).maximum(),
            "gate": gate_asks(card),
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """A rule by its id, the card's own settings by the card's; a new rule for ``?card=``."""
        if pk is None and "template" in request.GET:
            return self.begin(request, request.GET["template"])
        if pk is None:
            return self.rule(request, self.asked(request), None)
        card = Scorecard.objects.filter(pk=pk).first()
        if card is not None:
            return self.settings(request, card)
        rule = find(Rule, pk)
        return self.rule(request, rule.scorecard, rule)

    def asked(self, request: HttpRequest) -> Scorecard:
        try:
            pk = UUID(request.GET.get("card", ""))
        except ValueError:
            pk = None
        return find(Scorecard, pk)  # type: ignore[no-any-return]

    # --- new cards -------------------------------------------------------------------------------

    def begin(self, request: HttpRequest, key: str) -> HttpResponse:
        """The templates to choose from; the five questions; a draft made of one."""
        pattern = PATTERNS.get(key)
        if pattern is None:
            return render(request, "insights/settings/templates.html", {"patterns": PATTERNS.values()})
        if pattern.wizard:
            return self.wizard(request, pattern)
        if request.method == "POST":
            return self.to_card(request, self.make(request, pattern, None))
        return render(request, "insights/settings/templates.html", {"patterns": PATTERNS.values()})

    def wizard(self, request: HttpRequest, pattern: Pattern) -> HttpResponse:
        form = IdealForm(posted(request))
        made: list[Scorecard] = []
        if request.method == "POST" and attempt(
            form, lambda: made.append(self.make(request, pattern, form.answers()))
        ):
            return self.to_card(request, made[0])
        context = {
            "title": pattern.name,
            "hint": pattern.text,
            "form": form,
            "action": request.get_full_path(),
            "section": self,
            "submit": _("Make the draft"),
        }
        status = 422 if form.errors else 200
        return render(request, "insights/settings/panel.html", context, status=status)

    def make(self, request: HttpRequest, pattern: Pattern, answers: dict[str, Any] | None) -> Scorecard:
        given = pattern.card(answers)
        rules, how = given.pop("rules"), {"as_of": request.as_of, "actor": request.member}
        card = new_card(**given, origin=f"template:{pattern.key}", **how)
        return write_rules(card, rules, **how)

    # --- changes ---------------------------------------------------------------------------------

    def rule(self, request: HttpRequest, card: Scorecard, rule: Rule | None) -> HttpResponse:
        first = first_of(rule) if rule else {"kind": RuleKind.POINTS}
        form = RuleForm(card, posted(request), initial=first)
        wrote: list[Scorecard] = []

        def save() -> str:
            rows = rules_of(locked(card))
            rules = [as_given(one) for one in rows]
            at = next((i for i, one in enumerate(rows) if rule and one.pk == rule.pk), len(rows))
            if rule and at == len(rows):
                raise gone()
            new = form.rule(rules[at] if rule else {})
            wrote.append(self.write(request, card, [*rules[:at], new, *rules[at + 1 :]], at=at))
            return ""

        title = (said(rule.label) or _("Rule")) if rule else _("New rule")
        drop = {"row": rule, "drop": "drop"} if rule else {}
        return self.written(request, self.form(request, title, form, save, **drop), wrote)

    def settings(self, request: HttpRequest, card: Scorecard) -> HttpResponse:
        form = CardForm(card, posted(request))
        wrote: list[Scorecard] = []

        def save() -> str:
            wrote.append(self.write(request, card, given_rules(locked(card)), **form.changes()))
            return ""

        return self.written(request, self.form(request, str(card), form, save), wrote)

    def write(
        self,
        request: HttpRequest,
        card: Scorecard,
        rules: list[dict[str, Any]],
        at: int | None = None,
        **more: Any,
    ) -> Scorecard:
        """``at``: the rule that a form is about; a fault of another one is told with that one's name."""
        try:
            return write_rules(card, rules, as_of=request.as_of, actor=request.member, **more)
        except Invalid as wrong:
            raise Invalid([told_of_rule(one, rules, at) for one in wrong.errors]) from wrong

    def written(self, request: HttpRequest, answer: HttpResponse, wrote: list[Scorecard]) -> HttpResponse:
        """After a change: to the draft that holds it."""
        return self.to_card(request, wrote[0]) if wrote else answer

    def to_card(self, request: HttpRequest, card: Scorecard, more: str = "") -> HttpResponse:
        page = reverse("settings_section", kwargs={"slug": current_workspace().slug, "section": self.key})
        address = f"{page}?card={card.pk}{more}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)

    def acts(self) -> Acts:
        return {
            "drop": self.drop,
            "move": self.move,
            "activate": self.activate,
            "archive": self.archive,
            "copy": self.copy,
            "foresee": self.foresee,
            "crossing": self.crossing,
            "progress": self.progress,
            "go_on": self.go_on,
        }

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A rule goes, from a draft: of the card in force one is made without it."""
        card = find(Rule, pk).scorecard
        rows = rules_of(locked(card))
        left = [as_given(one) for one in rows if one.pk != pk]
        if len(left) == len(rows):
            raise gone()
        return self.to_card(request, self.write(request, card, left))

    def move(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A rule to another place: ``from`` and ``before`` count from 0, ``dimension`` is where it lands."""
        card = locked(find(Scorecard, pk))
        rules = given_rules(card)
        at, before = place_of(request, "from", len(rules) - 1), place_of(request, "before", len(rules))
        moved = rules.pop(at)
        moved |= {"dimension": request.POST.get("dimension") or moved["dimension"]}
        before -= before > at
        rules.insert(before, moved)
        draft = self.write(request, card, rules)
        if draft.pk == card.pk:
            return HttpResponse(status=204)
        return self.to_card(request, draft, f"&moved={before}")

    def activate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        card = activate(find(Scorecard, pk), as_of=request.as_of, actor=request.member)
        return self.to_card(request, card)

    def archive(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        card = find(Scorecard, pk)
        if request.method == "POST":
            card = archive(card, as_of=request.as_of, actor=request.member)
        return self.to_card(request, card)

    def copy(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        card = find(Scorecard, pk)
        if request.method == "POST":
            card = copy_card(card, as_of=request.as_of, actor=request.member)
        return self.to_card(request, card)

    def foresee(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the card would change, asked for once the page stands."""
        card = find(Scorecard, pk)
        found = preview(read(card), as_of=request.as_of)
        labels = [str(bar["from"]) for bar in found["histogram"]]
        chart = {
            "kind": "bar",
            "labels": labels,
            "series": [
                {"name": _("Now"), "values": [bar["now"] for bar in found["histogram"]]},
                {"name": _("With this card"), "values": [bar["then"] for bar in found["histogram"]]},
            ],
        }
        lists = [
            {"key": key, "title": title, "leads": found["crossing"][key], "many": many}
            for key, title, many in (
                ("rising", _("Rise above the MQL line"), found["threshold"]["rising"]),
                ("falling", _("Fall below the MQL line"), found["threshold"]["falling"]),
                ("up", _("To a better grade"), moved(found, better=True)),
                ("down", _("To a worse grade"), moved(found, better=False)),
            )
        ]
        found["rules"].sort(key=lambda one: (-one["decided"], -one["matches"]))
        context = {"card": card, "foreseen": found, "chart": chart, "lists": lists}
        return render(request, "insights/settings/foreseen.html", context)

    def crossing(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The leads behind one number of the preview: ``?list=rising`` and so on, in pages."""
        card = find(Scorecard, pk)
        ready, name = read(card), request.GET.get("list", "")
        try:
            found = crossing(
                ready, name, as_of=request.as_of, limit=CROSSING, cursor=request.GET.get("cursor", "")
            )
        except Invalid as wrong:
            raise Http404(wrong.message) from wrong
        except ValueError:  # a cursor of another list: begin at its start
            return redirect(f"{request.path}?{urlencode({'list': name})}")
        place = {"list": name}
        context = {
            "nav": "settings",
            "card": card,
            "title": title_of(ready, name),
            "found": found,
            "next": "?" + urlencode(place | {"cursor": found.next}) if found.next else "",
            "previous": "?" + urlencode(place | {"cursor": found.previous}) if found.previous else "",
        }
        return render(request, "insights/settings/crossing.html", context)

    def progress(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """How far the leads are scored anew; the page is loaded again when all are."""
        running = progress()
        if running is None:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(
            request, "insights/settings/rescoring.html", {"running": running, "card": find(Scorecard, pk)}
        )

    def go_on(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Score the rest of the leads, after that stopped."""
        card = find(Scorecard, pk)
        if request.method == "POST":
            go_on(as_of=request.as_of, actor=request.member)
        return self.to_card(request, card)


def gone() -> NotThere:
    return NotThere(_("Somebody has removed or rewritten this rule meanwhile. Load the page again."))


def oldest(cards: list[Scorecard], before: int | None) -> int | None:
    """The last version of a full page of them, after which there are more; None when it is not full."""
    page = [card.version for card in cards if before is None or card.version < before][:CARDS]
    return page[-1] if len(page) == CARDS and page[-1] > 1 else None


def place_of(request: HttpRequest, name: str, most: int) -> int:
    """A place in the list of rules; Invalid when there is none."""
    given = request.POST.get(name, "")
    if not given.isdecimal() or len(given) > 4 or int(given) > most:
        raise Invalid.field(name, _("There is no such place."), "out_of_range")
    return int(given)


def told_of_rule(error: dict[str, Any], rules: list[dict[str, Any]], at: int | None) -> dict[str, Any]:
    """A fault of one of the rules, as a form tells it: at its field, or with the name of the rule."""
    found = RULE.fullmatch(str(error["field"] or ""))
    if found is None:
        return error
    if int(found[1]) == at:
        return error | {"field": found[2]}
    told = {"rule": said(rules[int(found[1])].get("label")), "fault": error["message"]}
    return error | {"field": None, "message": _("“%(rule)s”: %(fault)s") % told}


def moved(found: dict[str, Any], *, better: bool) -> int:
    return sum(one["leads"] for one in found["moves"] if (one["to"] < one["from"]) is better)


def steps(card: Scorecard) -> list[dict[str, Any]]:
    """Where a card stands on its way."""
    way = [CardStatus.DRAFT, CardStatus.ACTIVE, CardStatus.ARCHIVED]
    labels = {
        CardStatus.DRAFT: _("Draft"),
        CardStatus.ACTIVE: _("In force"),
        CardStatus.ARCHIVED: _("Archived"),
    }
    at = way.index(CardStatus(card.status))
    state = ["done" if i < at else "here" if i == at else "next" for i in range(len(way))]
    return [{"label": labels[one], "state": state[i]} for i, one in enumerate(way)]


def as_told(rules: list[Rule]) -> list[dict[str, Any]]:
    known = words()
    return [
        {
            "row": rule,
            "at": at,
            "label": said(rule.label),
            "sentence": measured_words(rule, known) or sentence(rule.condition, known),
            "bands": band_words(rule),
            "amount": amount_of(rule),
            "fine": fine_print(rule),
            "gone": asks_in_vain(rule, known),
            "minus": rule.points < 0 or rule.kind == RuleKind.DISQUALIFIER,
        }
        for at, rule in enumerate(rules)
    ]


def asks_in_vain(rule: Rule, known: Vocabulary) -> bool:
    """Whether it asks for, measures or reckons with a field that is no more."""
    read = formula.readings(formula.parse(rule.formula, known, stored=True)) if rule.formula else []
    asked = leaves(parse(rule.condition, known, stored=True))
    name = rule.measure.get("field")
    return any(one.gone for one in [*read, *asked]) or bool(name and known.find(name) is None)


def measured_words(rule: Rule, known: Vocabulary) -> str:
    """What a rule for every lead looks at: the number it measures."""
    field = (
        known.find(rule.measure.get("field", "")) if rule.measure and not rule.condition.get("all") else None
    )
    asks = rule.condition not in ({}, {"all": []})
    return "" if field is None or asks else capfirst(str(field.label))


def band_words(rule: Rule) -> str:
    """ "0–49: 2 · ≥ 50: 6 · unknown: 0": where each band lies and what it gives."""
    told = []
    for one in rule.bands:
        start, end = one.get("from"), one.get("to")
        if one.get("unset"):
            where = _("unknown")
        elif end is not None:
            where = f"{'…' if start is None else f'{start:,}'}–{end:,}"
        else:
            where = "…" if start is None else f"≥ {start:,}"
        told.append(f"{where}: {one['points']}")
    return " · ".join(told)


def rules_of(card: Scorecard) -> list[Rule]:
    return list(Rule.objects.filter(scorecard=card).order_by("position", "id"))


def as_given(rule: Rule) -> dict[str, Any]:
    """A rule as ``write_rules`` takes it."""
    return {name: getattr(rule, name) for name in STORED}
