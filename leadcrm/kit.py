"""The living style page: every part of the component kit with sample data, at /kit/ while DEBUG is on."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

WORDS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
HOUR = timedelta(hours=1)


class Somebody(SimpleNamespace):
    """A member of the sample workspace."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, role="admin", user=SimpleNamespace(email="ming@example.com"))

    def __str__(self) -> str:
        return str(self.name)


def form_of(words: list[str]) -> forms.Form:
    """A form with one fault, so that every state of a field is seen."""

    class Sample(forms.Form):
        email = forms.EmailField(label=words[0])
        pain = forms.CharField(label=words[1], required=False, widget=forms.Textarea(attrs={"rows": 3}))
        urgency = forms.ChoiceField(label=words[2], choices=[("", "–"), ("clear", "!")], required=False)
        call = forms.BooleanField(label=words[3], required=False)

    return Sample({"email": "j.huber@", "pain": "", "urgency": ""})


def leads_of(say: dict[str, Any], reps: list[Somebody]) -> list[SimpleNamespace]:
    """Four leads: one calm, one warned, one late, one that nobody holds."""
    now = timezone.now()
    clocks = [148 * HOUR, 5 * HOUR, -7 * HOUR, None]
    stages = [("sql", 2), ("mql", 1), ("opportunity", 3), ("lead", 0)]
    return [
        SimpleNamespace(
            id=f"lead-{n}",
            name=name,
            company=say["companies"][n],
            grade="ABCD"[n],
            score=(87, 71, 48, 12)[n],
            stage=stages[n][0],
            stage_label=say["stages"][stages[n][1]],
            stage_note=say["age"],
            owner=[*reps, None][n],
            why=say["why"][n],
            next=say["next"][n],
            blocked=say["unmet"][1] if n == 1 else "",
            reclaim_at=now + clock if clock is not None else None,
            warn_at=now - HOUR if n else None,
            since=now - 72 * HOUR,
            href="#",
            peek="?",
        )
        for n, (name, clock) in enumerate(zip(say["names"], clocks, strict=True))
    ]


def verdict_of(say: dict[str, Any], form: forms.Form) -> dict[str, Any]:
    """What the lead page shows around a lead: stages, five questions, score, gate, story."""
    now = timezone.now()
    values = {"fit": 0.9, "need": 0.8, "budget": None, "authority": 0.25, "timeline": 0.6}
    states = ["done", "done", "here", "next", "aside"]
    return {
        "steps": [
            {"label": label, "state": states[n], "note": say["age"] if n < 3 else "", "href": "#" * (n == 3)}
            for n, label in enumerate(say["stages"])
        ],
        "five": {key: {"value": values[key], "text": text} for key, text in say["five"].items()},
        "parts": [
            {"label": label, "points": points, "of": of, "evidence": why}
            for label, points, of, why in say["parts"]
        ],
        "items": [
            {"message": say["unmet"][0], "done": True},
            {"message": say["unmet"][1], "hint": say["hint"], "field": form["urgency"]},
            {"message": say["unmet"][2], "href": "#"},
        ],
        "entries": [
            {"side": side, "text": text, "detail": detail, "why": why, "at": now - (3 * n + 1) * HOUR}
            | {"actor": say["reps"][0] if side == "ours" else "", "icon": ("phone", "eye", "route")[n]}
            for n, (side, text, detail, why) in enumerate(say["story"])
        ],
    }


def figures_of(say: dict[str, Any]) -> dict[str, Any]:
    values, changes = ("1,284", "92%", "318", "¥4.2 m", "24%"), ("+12%", "+3%", "−8%", "+21%", "+1%")
    funnel = [{"name": say["stats"][0], "values": [3900, 1284, 418, 120, 31]}]
    lines = [
        {"name": say["stats"][n], "values": [20 + (k * (n + 3)) % 17 + k * 3 for k in range(12)]}
        for n in (0, 2)
    ]
    return {
        "stats": [
            {"label": label, "value": values[n], "change": changes[n], "good": n != 2}
            | {"spark": [3 + (n * 7 + k * k * (n + 1)) % 11 + k * (n % 3) for k in range(12)]}
            for n, label in enumerate(say["stats"])
        ],
        "funnel": {"kind": "funnel", "labels": say["steps"], "series": funnel},
        "lines": {"kind": "line", "labels": [str(n) for n in range(1, 13)], "series": lines},
    }


def samples(language: str) -> dict[str, Any]:
    """The sample data of the style page in one language."""
    say = WORDS[language]
    reps, form = [Somebody(name) for name in say["reps"]], form_of(say["field"])
    leads = leads_of(say, reps)
    sorts = ["name", "-score", "stage_since", "", "", "", "reclaim_at"]
    return {
        "member": reps[0],
        "workspace": SimpleNamespace(name=say["place"], slug="kit"),
        "say": say,
        "reps": reps,
        "form": form,
        "leads": leads,
        "cards": [vars(lead) for lead in leads[:2]],
        "columns": [{"label": label, "sort": sorts[n]} for n, label in enumerate(say["columns"])],
        "ordering": "-score",
        "chips": [{"label": label, "remove": "#", "edit": "#"} for label in say["chips"]],
        "tabs": [
            {"label": label, "href": "#", "count": (3900, 42, 7, 128)[n], "active": n == 1}
            for n, label in enumerate(say["tabs"])
        ],
        "actions": [{"label": label, "icon": sign, "key": key} for label, sign, key in say["actions"]],
        **verdict_of(say, form),
        **figures_of(say),
    }


def kit(request: HttpRequest) -> HttpResponse:
    """``?lang=zh-hans`` shows it in Chinese."""
    language = request.GET.get("lang") or translation.get_language() or "en"
    language = language if language in WORDS else "en"
    peeking = request.headers.get("HX-Target") == "peek-body"
    with translation.override(language):
        page = "leadcrm/kit_peek.html" if peeking else "leadcrm/kit.html"
        return render(request, page, samples(language))
