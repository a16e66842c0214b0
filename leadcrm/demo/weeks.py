"""Two weeks and a bit in the life of a sales team, day by day, through the same actions that the pages call."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from leadcrm.demo.words import Words
from leadcrm.flow import run_due
from leads.actions import add_contact, advance, capture, edit, finish_task, log_follow_up, record_touches
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Lead
from leads.normalise.pinyin import readings
from leads.queries import to_do
from notices.models import Notice
from workspaces.models import Member, Workspace
from workspaces.refusals import Refusal
from workspaces.tenancy import enter

DAYS = 16
TOUCHES = (
    "page_view",
    "page_view",
    "pricing_page",
    "download",
    "webinar",
    "email_open",
    "inquiry",
    "event_signup",
)
LATER = ("budget_not_granted", "other_priorities")  # the codes of the words for it, in their order
NO = ("student", "outside_region")
CHANNELS = ("call", "call", "message", "email", "wecom", "visit", "demo", "meeting")


def in_letters(text: str) -> str:
    """As it stands in an address: "Blue Foods" -> bluefoods; Chinese in pinyin, without the words for a company."""
    text = text.lower().removesuffix("有限公司")
    return "".join(readings()[0].get(sign, sign) for sign in text if sign.isalpha())


class Weeks:
    """Plays ``DAYS`` days that end at ``until``; the same words give the same weeks."""

    def __init__(self, workspace: Workspace, words: Words, until: datetime) -> None:
        self.workspace, self.words, self.until = workspace, words, until
        self.dice = random.Random(words.slug)
        self.number = 0
        self.addresses: set[str] = set()

    def play(self) -> None:
        for back in range(DAYS, -1, -1):
            day = self.until - timedelta(days=back, minutes=30)
            with enter(self.workspace):
                self.arrivals(day - timedelta(hours=6))
                self.behaviour(day - timedelta(hours=5))
            if back % 2 == 0:
                run_due(self.workspace, day - timedelta(hours=4))
            with enter(self.workspace):
                self.work(day - timedelta(hours=3))
        with enter(self.workspace):  # what is older than a day was read when it came
            Notice.objects.filter(at__lt=self.until - timedelta(days=1)).update(read_at=F("at"))

    # --- they ---------------------------------------------------------------------------------
    def arrivals(self, at: datetime) -> None:
        channels = {channel.name: channel for channel in Channel.objects.all()}
        for name in self.dice.sample(self.words.channels, 3):
            items = [incoming_from(self.person()) for _ in range(self.dice.randint(2, 7))]
            source = Source("import", channels.get(name))
            for item in items:
                item.channel = name
            capture(items, source=source, as_of=at, actor=None)

    def person(self) -> dict[str, Any]:
        words, dice = self.words, self.dice
        self.number += 1
        given, family = dice.choice(words.given), dice.choice(words.family)
        space = "" if words.family_first else " "
        company = dice.choice(words.company_first) + space + dice.choice(words.company_second)
        person: dict[str, Any] = {
            "name": family + given if words.family_first else f"{given} {family}",
            "title": dice.choice(words.titles),
            "email": self.address(given, family, company),
            "phone": words.phone.format(self.number),
            "company": company,
            "industry": dice.choice(words.industries),
            "region": dice.choice(words.regions),
            "employees": dice.choice((12, 40, 80, 200, 450, 1200)),
        }
        if dice.random() < 0.35:
            person |= {
                "pain": dice.choice(words.pains),
                "need_level": dice.choice(("vague", "clear", "urgent")),
            }
        if dice.random() < 0.2:
            amount = (1_200_000, 4_800_000, 15_000_000)[self.number % 3]
            person |= {"budget_status": dice.choice(("estimated", "approved")), "budget_amount": amount}
        if dice.random() < 0.25:
            person |= {"authority": dice.choice(("influencer", "decision_maker", "economic_buyer"))}
        if dice.random() < 0.2:
            person["timeline_date"] = (self.until + timedelta(days=dice.randint(20, 200))).date()
        return person

    def address(self, given: str, family: str, company: str) -> str:
        """Of a person at a company, as such addresses are: nobody else's."""
        local, domain = f"{in_letters(given)}.{in_letters(family)}", f"{in_letters(company)}.example"
        found, same = f"{local}@{domain}", 1
        while found in self.addresses:
            same += 1
            found = f"{local}{same}@{domain}"
        self.addresses.add(found)
        return found

    def behaviour(self, at: datetime) -> None:
        ids = list(Lead.objects.order_by("-captured_at").values_list("pk", flat=True)[:80])
        chosen = self.dice.sample(ids, min(6, len(ids)))
        items: list[tuple[UUID, str, datetime | None, dict[str, Any]]] = [
            (pk, self.dice.choice(TOUCHES), at, {}) for pk in chosen
        ]
        if items:
            record_touches(items, as_of=at, actor=None)

    # --- we -----------------------------------------------------------------------------------
    def work(self, at: datetime) -> None:
        for rep in Member.objects.filter(role="rep", is_active=True).order_by("email"):
            held = list(Lead.objects.filter(owner=rep, stage__in=["lead", "mql", "sql", "opportunity"]))
            self.dice.shuffle(held)
            held.sort(key=lambda lead: lead.last_follow_up_at is not None)  # the first word comes first
            for lead in held[:3]:
                try:
                    self.pursue(lead, rep, at)
                except Refusal:
                    continue  # the gate said no: that is part of the story
            for task in to_do(rep).filter(due_at__lte=at).order_by("due_at", "id"):
                if self.dice.random() < 0.8:  # the rest is late tomorrow
                    finish_task(task.pk, as_of=at, actor=rep)

    def pursue(self, lead: Lead, rep: Member, at: datetime) -> None:
        words, dice = self.words, self.dice
        late = dice.random() < 0.25
        log_follow_up(
            lead.pk,
            channel=dice.choice(CHANNELS),
            summary=dice.choice(words.said),
            outcome=dice.choice(("reached", "interested", "no_answer", "meeting_set", "price_asked")),
            customer_initiated=dice.random() < 0.3,
            next_action=dice.choice(words.next_steps),
            next_at=at + timedelta(days=dice.randint(1, 2 if late else 6)),
            as_of=at,
            actor=rep,
        )
        self.learn(lead, rep, at + timedelta(minutes=5))
        self.step(lead.pk, rep, at + timedelta(minutes=10))

    def learn(self, lead: Lead, rep: Member, at: datetime) -> None:
        words, dice = self.words, self.dice
        facts: dict[str, Any] = {}
        if not lead.pain and dice.random() < 0.6:
            facts |= {"pain": dice.choice(words.pains), "need_level": "clear"}
        if lead.budget_amount is None and dice.random() < 0.4:
            facts |= {
                "budget_amount": dice.choice((800_000, 2_400_000, 6_000_000)),
                "budget_status": "estimated",
            }
        if facts:
            edit(lead.pk, facts, as_of=at, actor=rep)
        if lead.stage == "sql" and dice.random() < 0.5:
            role = dice.choice(("decision_maker", "champion", "economic_buyer"))
            add_contact(lead.pk, name=self.person()["name"], role=role, as_of=at, actor=rep)

    def step(self, pk: UUID, rep: Member, at: datetime) -> None:
        luck = self.dice.random()
        if luck < 0.04:
            why = self.dice.randrange(len(self.words.no))
            details = {"reason": self.words.no[why], "reason_code": NO[why]}
            advance([pk], "disqualify", as_of=at, actor=rep, details=details)
        elif luck < 0.09:
            later = (at + timedelta(days=self.dice.randint(15, 60))).date().isoformat()
            why = self.dice.randrange(len(self.words.later))
            details = {"reason": self.words.later[why], "reason_code": LATER[why], "resume_at": later}
            advance([pk], "defer", as_of=at, actor=rep, details=details)
        elif luck < 0.5:
            self.forward(pk, rep, at)

    def forward(self, pk: UUID, rep: Member, at: datetime) -> None:
        stage = Lead.objects.values_list("stage", flat=True).get(pk=pk)
        steps: dict[str, Sequence[str]] = {
            "mql": ["to_sql"],
            "sql": ["to_opportunity"],
            "opportunity": ["win"],
        }
        for name in steps.get(stage, ()):
            if name != "win" or self.dice.random() < 0.4:
                advance([pk], name, as_of=at, actor=rep)
