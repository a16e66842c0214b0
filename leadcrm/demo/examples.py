"""What a team has gathered after the two weeks: answers with evidence, texts, files, examples, a step to approve."""

from datetime import datetime, timedelta
from typing import Any

from leadcrm.demo.words import Words
from leads import frameworks
from leads.actions import advance
from leads.actions.assess import assess
from leads.actions.attach import attach
from leads.actions.cases import mark_case
from leads.actions.rules import set_gate
from leads.actions.texts import save_template
from leads.models import FollowUp, Lead
from workspaces.models import Member
from workspaces.refusals import Refusal

ASSESSED = 6


def gather(words: Words, at: datetime) -> None:
    """In the open workspace, as of ``at``."""
    manager = Member.objects.filter(role="manager").order_by("email")[0]
    for name, channel, text in words.texts:
        save_template({"name": name, "channel": channel, "text": text}, as_of=at, actor=manager)
    best = list(
        Lead.objects.filter(owner__isnull=False, stage__in=["sql", "opportunity"]).order_by("-score", "id")
    )
    for number, lead in enumerate(best[:ASSESSED]):
        assessed(lead, number, at)
    for lead in best[:2]:
        content = "\n".join(words.pains).encode()
        attach(lead.pk, words.file, content, as_of=at, actor=lead.owner)
    for stage, title, lesson in words.cases:
        shown = Lead.objects.filter(stage=stage).order_by("-score", "id").first()
        if shown is not None:
            values = {"title": title, "lesson": lesson, "stage": stage}
            mark_case(shown, values, as_of=at, actor=manager)
    ask_for_approval(manager, at)


def assessed(lead: Lead, number: int, at: datetime) -> None:
    """Some questions are answered well, some not, some not at all, each by what somebody said."""
    talk = FollowUp.objects.filter(lead=lead).order_by("-at").first()
    proof: dict[str, Any] = (
        {"evidence": "follow_up", "evidence_id": talk.pk} if talk else {"evidence": "email"}
    )
    for turn, question in enumerate(frameworks.active()[1]):
        if (turn + number) % 5 == 4:
            continue
        well = bool((turn + number) % 3)
        signs: dict[str, Any] = (
            {"good": list(map(str, question.good[:2]))} if well else {"bad": [str(question.bad[0])]}
        )
        when = at - timedelta(days=turn)
        assess(lead.pk, question.key, **signs, **proof, at=when, as_of=at, actor=lead.owner)


def ask_for_approval(manager: Member, at: datetime) -> None:
    """Large ones are approved: one of them waits."""
    large = {"field": "budget_amount", "op": "gte", "value": 20_000}
    set_gate("win", approval_when=large, approval_score=40, as_of=at, actor=manager)
    for lead in Lead.objects.filter(stage="opportunity", owner__role="rep").order_by("-score", "id"):
        try:
            if advance([lead.pk], "win", as_of=at, actor=lead.owner).waiting:
                return
        except Refusal:
            continue
