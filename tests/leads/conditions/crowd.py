"""A crowd of awkward leads, in memory and in the database, and conditions to ask of them."""

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from leads.conditions import Field, Kind, Vocabulary, custom_field
from leads.models import (
    Channel,
    Company,
    Contact,
    FollowUp,
    Lead,
    LeadContact,
    LeadTag,
    Tag,
    Touch,
)
from leads.normalise import fold
from tests.leads.conditions.reference import Facts
from workspaces.models import Member, Team, Workspace

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Africa/Cairo",  # its clock skips midnight
    "America/Havana",  # its clock repeats the hour after midnight
    "Asia/Kathmandu",
    "Pacific/Apia",
]
# Around changes of the clock: New York 8 March, Cairo 24 April, Havana 1 November.
ANCHORS = [
    datetime(2026, 3, 8, 5, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 4, 23, 22, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 0, tzinfo=UTC),
    datetime(2026, 3, 2, 16, 0, tzinfo=UTC),
]
SHIFTS = [timedelta(), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(hours=1)]
SHIFTS += [timedelta(days=n) for n in (-90, -31, -30, -29, -7, -1, 1, 2, 30)] + [timedelta(hours=-11)]
MOMENTS = [anchor + shift for anchor in ANCHORS for shift in SHIFTS]
DAYS = sorted({moment.date() for moment in MOMENTS})

TEXTS = [
    "SaaS",
    "saas",
    "ＳａａＳ",
    "制造业",
    "制造",
    "（制造）",
    "(制造)",
    "Ünï Çode",
    "50%_off\\",
    "O'Brien {x} %s",
    "a" * 60,
    " ",
]
EMAILS = ["li.lei@acme.com", "HAN@ACME.COM", "王@例子.中国"]
PHONES = ["+8613800138000", "+12125550123", "+442071838750"]
NUMBERS = [0, 1, 2, 49, 50, 200, 12_345, -3, 2.5]
AMOUNTS = [0, 1, 1200, 99.5, 50_000]
CURRENCIES = ["CNY", "JPY", "KWD", ""]
KINDS = {"size": "number", "code": "text", "birth": "date", "vip": "boolean", "plan": "choice"}
MALFORMED = [
    None,
    "",
    "12",
    "NaN",
    "2026-02-30",
    "2026-03-08",
    "today",
    True,
    False,
    7,
    50,
    2.5,
    [1],
    {"a": 1},
]
CHANNELS = ["Our Fair", "本地展会"]
COMPANIES = ["Acme Ltd", "上海（制造）公司"]
TOUCHES = ["page_view", "download", "报名"]
ROLES = ["champion", "decision_maker", "finance"]
TAGS = ["Competitor", "竞争对手", "ＶＩＰ", "high intent"]
CHOICES = {
    "stage": ["lead", "mql", "sql", "won", "deferred"],
    "need_level": ["unknown", "none", "vague", "clear", "urgent"],
    "budget_status": ["unknown", "none", "estimated", "approved"],
    "authority": ["unknown", "user", "economic_buyer"],
    "quality": ["", "real", "student"],
    "grade": ["A", "B", "C", "D"],
}
TEXT_COLUMNS = [
    "name", "title", "wechat", "website", "domain", "industry", "region", "campaign", "external_id",
    "pain", "decision_process",
]  # fmt: skip
NULLABLE_TIMES = [
    "held_since", "next_action_at", "first_response_at", "last_follow_up_at", "reclaim_at", "resume_at",
]  # fmt: skip
TIMES = ["captured_at", "stage_since", "pool_since", *NULLABLE_TIMES]


class Crowd:
    """``leads``: facts by id. ``names``: what links may be asked by."""

    def __init__(self, workspace: Workspace, size: int = 80, seed: int = 7) -> None:
        self.dice, self.workspace = random.Random(seed), workspace
        team = Team.objects.create(name="华东 Team")
        self.links: dict[str, list[Any]] = {
            "company": [Company.objects.create(name=n, name_key=fold(n)) for n in COMPANIES],
            "channel": [Channel.objects.create(name=n, name_key=fold(n), token=n) for n in CHANNELS],
            "team": [team],
            "owner": list(Member.objects.all()),
        }
        self.tags = [
            Tag.objects.get_or_create(name_key=fold(name), defaults={"name": name})[0] for name in TAGS
        ]
        self.people = [Contact.objects.create(name=role) for role in ROLES]
        self.leads: dict[Any, Facts] = {}
        rows = [self.one() for _ in range(size)]
        Lead.objects.bulk_create(rows)
        self.hang_on()

    def maybe(self, pool: list, chance: float = 0.7, otherwise: Any = None) -> Any:
        return self.dice.choice(pool) if self.dice.random() < chance else otherwise

    def one(self) -> Lead:
        dice = self.dice
        columns: dict[str, Any] = {name: self.maybe(TEXTS, 0.6, "") for name in TEXT_COLUMNS}
        columns |= {name: dice.choice(values) for name, values in CHOICES.items()}
        columns |= {name: self.maybe(MOMENTS) for name in NULLABLE_TIMES}
        columns |= {name: dice.choice(MOMENTS) for name in ("captured_at", "stage_since", "pool_since")}
        columns |= {
            "email_key": fold(self.maybe(EMAILS, 0.6, "")),
            "phone_e164": self.maybe(PHONES, 0.6, ""),
            "employees": self.maybe([0, 1, 49, 50, 200, 12_345]),
            "score": dice.choice([0, 1, 50, 200, -3]),
            "budget_amount": self.maybe([0, 1, 120_000, 9_950, 1200, 5_000_000, 99_500]),
            "budget_currency": dice.choice(CURRENCIES),
            "timeline_date": self.maybe(DAYS),
            "attributes": {key: dice.choice(MALFORMED) for key in KINDS if dice.random() < 0.8},
        }
        if columns["attributes"].get("plan") == "" or dice.random() < 0.3:
            columns["attributes"]["plan"] = dice.choice(["gold", "银"])
        links = {name: self.maybe(rows) for name, rows in self.links.items()}
        pool = "sales" if links["owner"] else dice.choice(["lead", "recycle"])
        lead = Lead(**columns, **links, pool=pool)
        names = {name: row and (str(row.pk), self.called(row)) for name, row in links.items()}
        self.leads[lead.pk] = Facts(columns | {"pool": pool, "version": 1}, names)
        return lead

    @staticmethod
    def called(row: Any) -> list[str]:
        return [row.name, row.email] if isinstance(row, Member) else [row.name]

    def hang_on(self) -> None:
        """Touches, follow-ups, contacts and tags, for about two leads in three."""
        rows: list[Any] = []
        for pk, facts in self.leads.items():
            if self.dice.random() < 0.3:
                continue
            facts.touches = [(self.dice.choice(TOUCHES), self.dice.choice(MOMENTS)) for _ in range(5)]
            facts.follow_ups = self.dice.choices(MOMENTS, k=self.dice.randrange(4))
            roles, tags = self.dice.sample(range(3), self.dice.randrange(3)), self.dice.sample(range(4), 2)
            facts.roles, facts.tags = {ROLES[at] for at in roles}, {TAGS[at] for at in tags}
            rows += [Touch(lead_id=pk, kind=kind, at=at) for kind, at in facts.touches]
            rows += [FollowUp(lead_id=pk, at=at, channel="call") for at in facts.follow_ups]
            rows += [LeadContact(lead_id=pk, contact=self.people[at], role=ROLES[at]) for at in roles]
            rows += [LeadTag(lead_id=pk, tag=self.tags[at]) for at in tags]
        for model in (Touch, FollowUp, LeadContact, LeadTag):
            model.objects.bulk_create([row for row in rows if isinstance(row, model)])


def words() -> Vocabulary:
    """The vocabulary with the crowd's custom fields."""
    custom = [custom_field(key, kind, choices=["gold", "银"]) for key, kind in KINDS.items()]
    return Vocabulary(custom, region="CN")


# --- conditions -------------------------------------------------------------------------------------


def question(field: Field, op: str, one: st.SearchStrategy) -> st.SearchStrategy:
    """Leaves with values of the shape the operator takes."""
    leaf: dict[str, st.SearchStrategy] = {"field": st.just(field.name), "op": st.just(op)}
    if op in ("in", "not_in", "has_any", "has_all"):
        leaf["value"] = st.lists(one, min_size=1, max_size=3)
    elif op.endswith("in_last_days"):
        leaf["value"] = st.sampled_from([1, 7, 30, 365])
    elif op == "between":
        leaf["value"] = st.lists(one, min_size=2, max_size=2).map(partial(in_order, field))
    elif op not in ("is_set", "is_empty"):
        leaf["value"] = one
    if field.kind == Kind.COUNT:
        leaf["days"] = st.sampled_from([None, 1, 30, 90])
    return st.fixed_dictionaries(leaf)


def in_order(field: Field, pair: list) -> list:
    def place(value: Any) -> Any:
        if isinstance(value, dict):
            return float(value["amount"])
        return field.values.index(value) if field.values else value

    return sorted(pair, key=place)


def values_for(field: Field, links: dict[str, list[str]]) -> st.SearchStrategy:
    """Values of the type a field takes, mostly such as some lead has."""
    if field.name in links:
        return st.sampled_from([*links[field.name], "nobody", "0198c000-0000-7000-8000-000000000000"])
    days = st.sampled_from([day.isoformat() for day in [*DAYS, date(2025, 1, 1)]])
    moments = st.sampled_from([moment.isoformat() for moment in MOMENTS])
    by_name: dict[str, st.SearchStrategy] = {
        "email": st.sampled_from([*EMAILS, "acme", "LI."]),
        "phone": st.sampled_from([*PHONES, "138 0013 8000", "1380"]),
        "attributes.plan": st.sampled_from(["gold", "银"]),
    }
    by_kind: dict[str, st.SearchStrategy] = {
        "text": st.sampled_from([text for text in TEXTS if text.strip()] + ["２０２６", "a", "12"]),
        "choice": st.sampled_from(list(field.values) or ["x"]),
        "ranked": st.sampled_from(list(field.values) or ["x"]),
        "number": st.sampled_from(NUMBERS),
        "count": st.sampled_from([0, 1, 2, 3, 1.5]),
        "days": st.sampled_from([0, 1, 7, 29, 30, 31, 2.5, -1]),
        "money": st.one_of(
            st.sampled_from(AMOUNTS),
            st.builds(
                lambda amount, currency: {"amount": str(amount), "currency": currency},
                st.sampled_from(AMOUNTS),
                st.sampled_from(CURRENCIES[:3]),
            ),
        ),
        "date": days,
        "time": st.one_of(days, moments),
        "boolean": st.booleans(),
        "role": st.booleans(),
        "tags": st.sampled_from([*TAGS, "vip", "COMPETITOR", "none"]),
    }
    return by_name[field.name] if field.name in by_name else by_kind[field.kind]


def questions(vocabulary: Vocabulary, name: str, op: str, links: dict[str, list[str]]) -> st.SearchStrategy:
    """Leaves about one field with one of its operators."""
    field = vocabulary.find(name)
    assert field is not None
    return question(field, op, values_for(field, links))


def conditions(leaves: list[st.SearchStrategy]) -> st.SearchStrategy:
    """Groups of such leaves, nested."""
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
            st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda part: {"not": part}, inner),
        ),
        max_leaves=5,
    )
