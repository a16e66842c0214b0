"""The demo's channels: what they cost, a form with questions and its answers, ratings, messages of an advertiser,
customers that were won, people who came twice, a colleague's recommendations, visits of the website."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from intake.actions import answers_due, deliveries_due, hook_of, receive, set_keys
from intake.actions.referrals import make_link
from intake.actions.submit import Sent as Beside
from intake.actions.submit import submit
from intake.actions.visit import visited
from intake.hooks.proving import Proven
from intake.hooks.sent import Sent
from leadcrm.demo.weeks import Weeks
from leads.actions import advance, capture
from leads.actions.channels import resolve_channels
from leads.actions.fields import add_custom_field
from leads.actions.quality import rate_quality
from leads.actions.sources import change_channel
from leads.facts import incoming_from
from leads.incoming import Incoming, Source
from leads.models import Channel, Lead
from workspaces.models import Member
from workspaces.tenancy import enter

ANSWERS, AGAIN, WON = 16, 26, 7
COSTS = (120_000, 900_000, None, 1_500_000, 300_000, 450_000)  # a month, in the order of the words' channels
UTM = (
    {"utm_source": "google", "utm_medium": "cpc"},
    {"utm_source": "newsletter", "utm_medium": "email"},
    {"utm_source": "linkedin", "utm_medium": "social"},
    {"referrer": "https://www.google.com/"},
)
VISITOR = "demo-visitor-0123456789"


@dataclass(frozen=True)
class Said:
    """The words of one language."""

    campaigns: tuple[str, ...]
    field: tuple[str, tuple[str, ...]]
    title: str
    intro: str
    button: str
    thanks: str
    consent: str
    small: str
    large: str
    other: tuple[str, dict[str, str]]
    override: str


ENGLISH = Said(
    campaigns=("Spring launch", "Trade show 2026", "", "Spring launch", "Partner days", ""),
    field=("Which product?", ("Picking robots", "Conveyors", "Warehouse software")),
    title="Ask for a demo",
    intro="Half an hour with somebody who knows warehouses. No slides.",
    button="Ask for the demo",
    thanks="Thank you. We call within one working day.",
    consent="Northwind Robotics may contact me about this request.",
    small="small company",
    large="enterprise",
    other=(
        "zh-hans",
        {
            "title": "预约演示",
            "intro": "半小时，与懂仓储的人交流。",
            "button": "预约",
            "consent_text": "我同意 Northwind Robotics 就此需求与我联系。",
        },
    ),
    override="Board approved it on the spot",
)
CHINESE = Said(
    campaigns=("春季发布", "2026 展会", "", "春季发布", "伙伴日", ""),
    field=("感兴趣的产品", ("拣选机器人", "输送线", "仓储软件")),
    title="预约演示",
    intro="半小时，与懂仓储的人交流，不看幻灯片。",
    button="预约",
    thanks="谢谢。我们会在一个工作日内致电。",
    consent="我同意启明智造就此需求与我联系。",
    small="小企业",
    large="大企业",
    other=(
        "en",
        {
            "title": "Ask for a demo",
            "intro": "Half an hour with somebody who knows warehouses. No slides.",
            "button": "Ask for the demo",
            "consent_text": "Qiming may contact me about this request.",
        },
    ),
    override="客户董事会当场通过",
)


class Sources:
    """Told after the weeks of ``Weeks``; the same words give the same story."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks, self.words, self.dice, self.until = weeks, weeks.words, weeks.dice, weeks.until
        self.said = CHINESE if weeks.words.locale == "zh-hans" else ENGLISH

    def begin(self) -> None:
        """Before the first lead: what the channels are and cost."""
        with enter(self.weeks.workspace):
            at = self.until - timedelta(days=200)
            for name, cost, campaign in zip(self.words.channels, COSTS, self.said.campaigns, strict=True):
                channel = self.channel(name)
                changes: dict[str, Any] = {"cost_per_month": cost, "campaign": campaign}
                change_channel(channel, changes, as_of=at, actor=None)
            self.build_form(at)

    def channel(self, name: str) -> Channel:
        return next(iter(resolve_channels([name]).values()))

    def build_form(self, at: datetime) -> None:
        label, choices = self.said.field
        field = add_custom_field(
            label=label, key="product", kind="choice", choices=list(choices), as_of=at, actor=None
        )
        asked = [
            "name",
            "company",
            "email",
            "phone",
            f"attributes.{field.key}",
            "employees",
            "budget_amount",
            "pain",
        ]
        language, words = self.said.other
        form = {
            "fields": asked,
            "required": ["name", "email", "employees", "consent"],
            "choices": {
                "employees": [
                    ["1–49", self.said.small],
                    ["50–199", ""],
                    ["200–999", ""],
                    ["1000+", self.said.large],
                ],
                "budget_amount": [["< 10,000", ""], ["10,000–50,000", ""], ["50,000+", ""]],
            },
            "title": self.said.title,
            "intro": self.said.intro,
            "button": self.said.button,
            "thanks": self.said.thanks,
            "translations": {language: words},
        }
        changes = {"form": form, "consent_text": self.said.consent, "kind": "form"}
        change_channel(self.channel(self.words.channels[0]), changes, as_of=at, actor=None)

    def go_on(self) -> None:
        """After the weeks: answers, won customers, second comings, messages, ratings."""
        workspace = self.weeks.workspace
        with enter(workspace):
            self.win()
        for number in range(ANSWERS):
            at = self.until - timedelta(days=14 - number * 14 / ANSWERS, minutes=number * 7)
            with enter(workspace):
                self.answer(number, at)
            answers_due(workspace, at)
        with enter(workspace):
            self.come_again()
            self.recommend()
            self.visits()
            self.messages()
        answers_due(workspace, self.until)
        deliveries_due(workspace, self.until)
        with enter(workspace):
            self.rate()

    def answer(self, number: int, at: datetime) -> None:
        channel = Channel.objects.get(name=self.words.channels[0])
        person = self.weeks.person()
        quiet = Lead.objects.filter(stage_since__lt=at).exclude(last_follow_up_at__gt=at)
        known = quiet.exclude(channel=channel).exclude(email="").order_by("-captured_at").first()
        data = {
            "name": person["name"],
            "company": person["company"],
            "email": known.email if known and number % 4 == 3 else person["email"],
            "phone": person["phone"],
            "employees": self.dice.choice(("1–49", "50–199", "200–999", "1000+")),
            "budget_amount": self.dice.choice(("< 10,000", "10,000–50,000", "50,000+")),
            "attributes": {"product": self.dice.choice(self.said.field[1])},
            "pain": self.dice.choice(self.words.pains),
        }
        notes = self.dice.choice(UTM) | {"page": "https://www.example.com/demo"}
        if "utm_source" in notes:
            notes["utm_campaign"] = self.said.campaigns[0]
        visitor = VISITOR if not number else ""
        submit(channel, data, Beside(notes, True, f"203.0.113.{number}", visitor), as_of=at)

    def people(self, many: int) -> list[Incoming]:
        return [incoming_from(self.weeks.person()) for _number in range(many)]

    def win(self) -> None:
        """Some customers of the last weeks, so that the channels return something."""
        manager = Member.objects.get(role="manager")
        came = self.until - timedelta(days=26)
        items = self.people(WON)
        for item, name in zip(items, (self.words.channels * 2)[:WON], strict=True):
            item.channel = name
            item.facts |= {"pain": self.dice.choice(self.words.pains), "need_level": "urgent"}
            item.facts |= {"budget_status": "approved", "authority": "decision_maker"}
        found = capture(items, source=Source("import"), as_of=came, actor=None)
        ids: list[UUID] = [one.lead_id for one in found if one.lead_id]
        how: dict[str, Any] = {"actor": manager, "override": self.said.override}
        for days, step in ((1, "to_mql"), (3, "to_sql")):
            advance(ids, step, as_of=came + timedelta(days=days), **how)
        for number, pk in enumerate(ids):
            amount = {"amount": 18_000 + 9_500 * number}
            at = came + timedelta(days=9, hours=number)
            advance([pk], "to_opportunity", as_of=at, details=amount, **how)
            if number < 5:
                advance([pk], "win", as_of=at + timedelta(days=5), **how)

    def come_again(self) -> None:
        """People who are known from one channel come by another."""
        names = self.words.channels
        leads = list(
            Lead.objects.exclude(email="").exclude(channel=None).select_related("channel").order_by("pk")
        )
        for number, lead in enumerate(self.dice.sample(leads, min(AGAIN, len(leads)))):
            assert lead.channel is not None
            others = [name for name in names if name != lead.channel.name]
            item = incoming_from({"email": lead.email})
            item.channel = others[number % 3] if number % 2 else others[0]
            at = self.until - timedelta(days=self.dice.randint(1, 20), hours=number)
            at = max(at, lead.captured_at, lead.stage_since, lead.last_follow_up_at or at)
            capture([item], source=Source("import", None, "event_signup"), as_of=at, actor=None)

    def recommend(self) -> None:
        rep = Member.objects.filter(role="rep").order_by("email")[0]
        at = self.until - timedelta(days=3)
        link = make_link(rep, as_of=at, actor=None)
        for number in range(3):
            person = self.weeks.person()
            data = {name: person[name] for name in ("name", "company", "phone", "email")}
            submit(link.channel, data, Beside(link=link), as_of=at + timedelta(hours=number))

    def visits(self) -> None:
        channel = Channel.objects.get(name=self.words.channels[0])
        for number, page in enumerate(("pricing", "cases/warehouse", "pricing")):
            at = self.until - timedelta(days=5 - number)
            event = {
                "kind": "page_view",
                "at": at.isoformat(),
                "data": {"page": f"https://www.example.com/{page}"},
            }
            visited(channel, VISITOR, [event], as_of=at)

    def messages(self) -> None:
        """An advertiser's messages: three that became leads, a test, one that names nobody."""
        channel = Channel.objects.get(name=self.words.channels[3])
        hook = hook_of(channel, "google-ads")
        made = set_keys(hook, {}, as_of=self.until - timedelta(days=9), actor=None)
        for number in range(5):
            person = self.weeks.person()
            columns = {"FULL_NAME": person["name"], "COMPANY_NAME": person["company"]}
            columns |= {"WORK_EMAIL": person["email"], "PHONE_NUMBER": person["phone"]}
            body = {
                "lead_id": f"demo-{self.words.slug}-{number}",
                "user_column_data": [
                    {"column_id": key, "string_value": value} for key, value in columns.items()
                ],
                "api_version": "1.0",
                "form_id": 40000000000,
                "campaign_id": 123456789,
                "google_key": made,
                "is_test": number == 2,
            }
            if number == 3:
                body = {"google_key": made, "api_version": "1.0"}
            at = self.until - timedelta(days=8 - number * 1.7)
            sent = Sent(json.dumps(body, ensure_ascii=False).encode(), {"content-type": "application/json"})
            receive(hook, sent, Proven(f"demo-{number}"), as_of=at)

    def rate(self) -> None:
        """Reps have said of most leads what they are; of advertisements fewer are real than of referrals."""
        names = self.words.channels
        real = dict(zip(names, (0.62, 0.5, 0.85, 0.3, 0.7, 0.25), strict=True))
        found: dict[str, list[UUID]] = {}
        rows = Lead.objects.select_related("channel").order_by("pk")
        for lead in rows:
            if self.dice.random() < 0.35:
                continue
            chance = real.get(lead.channel.name if lead.channel else "", 0.5)
            if lead.stage in ("sql", "opportunity", "won") or self.dice.random() < chance:
                quality = "real"
            else:
                quality = self.dice.choice(
                    ("too_early", "too_early", "student", "competitor", "wrong_contact")
                )
            found.setdefault(quality, []).append(lead.pk)
        for quality, ids in sorted(found.items()):
            rate_quality(ids, quality, as_of=self.until, actor=None)
