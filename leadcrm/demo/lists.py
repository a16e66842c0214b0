"""A list from a fair comes in, with rows that can't be taken and people who are known; a table fills what it lacks."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from intake.actions import add_source, load_table, start_import
from leadcrm.demo.words import Words
from leadcrm.flow import run_due
from leads.actions import capture, search_all, set_rules
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Lead
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter


@dataclass(frozen=True)
class Texts:
    file: str
    header: tuple[str, ...]
    table: str
    table_header: tuple[str, ...]
    lacking: str  # a company whose row says no way to reach anybody


TEXTS = {
    "en": Texts(
        "autumn-fair.csv",
        ("Full Name", "Work Email", "Mobile", "Company", "Website", "Job Title"),
        "Market map",
        ("Domain", "Industry", "Employees", "Region"),
        "Visitor without a card",
    ),
    "zh-hans": Texts(
        "秋季展会名单.csv",
        ("姓名", "邮箱", "手机", "公司", "网址", "职位"),
        "行业对照表",
        ("网址", "行业", "员工数", "地区"),
        "未留名片的访客",
    ),
}
NEW = 14
KNOWN = 3
TWICE = 4  # leads that seem to be there already, under another address


def bring_in(workspace: Workspace, words: Words, at: datetime) -> None:
    """Through the same actions that the pages call; due work is done at the end."""
    texts = TEXTS[words.locale]
    with enter(workspace):
        marketer = Member.objects.filter(role="marketer").order_by("email")[0]
        manager = Member.objects.filter(role="manager").order_by("email")[0]
        # The demo's phones are consecutive numbers: they tell nobody apart.
        set_rules({"ignore": ["phone"], "suggest_from": 0.8}, as_of=at, actor=manager)
        source = add_source("file", texts.table, as_of=at, actor=manager)
        table = as_file(texts.table_header, facts_of_companies(words))
        load_table(source, table, f"{texts.table}.csv", as_of=at, actor=manager)
        rows = [*new_people(words), *known_people(), *seen_before(), ("", "", "12", texts.lacking, "", "")]
        file = as_file(texts.header, rows)
        start_import(file, texts.file, channel=words.channels[-1], as_of=at, actor=marketer)
    run_due(workspace, at)
    with enter(workspace):
        search_all(as_of=at, actor=marketer)
    run_due(workspace, at)
    with enter(workspace):
        come_again(words, at)


def as_file(header: Iterable[str], rows: Iterable[Iterable[object]]) -> io.BytesIO:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return io.BytesIO(out.getvalue().encode())


def facts_of_companies(words: Words) -> list[tuple[object, ...]]:
    return [
        (
            f"{words.slug}-fair-{number}.example",
            words.industries[number % len(words.industries)],
            (60, 240, 900)[number % 3],
            words.regions[number % len(words.regions)],
        )
        for number in range(0, NEW, 2)
    ]


def new_people(words: Words) -> list[tuple[str, ...]]:
    """People whose list says little: what the table knows of their companies is filled in."""
    space = "" if words.family_first else " "
    rows: list[tuple[str, ...]] = []
    for number in range(NEW):
        given = words.given[-1 - number % len(words.given)]
        family = words.family[-1 - number * 3 % len(words.family)]
        name = family + given if words.family_first else f"{given} {family}"
        company = words.company_first[number % len(words.company_first)] + space + words.company_second[-1]
        domain = f"{words.slug}-fair-{number}.example"
        local = ("info", "sales")[number % 2] if number > NEW - 4 else f"p{number}"
        title = words.titles[number % len(words.titles)]
        rows.append((name, f"{local}@{domain}", words.phone.format(9000 + number), company, domain, title))
    return rows


def known_people() -> list[tuple[str, ...]]:
    """Known by their e-mail: blanks are filled, nothing is overwritten."""
    leads = Lead.objects.exclude(email="").order_by("-captured_at", "id")[:KNOWN]
    return [(lead.name, lead.email, "", "", "", lead.title) for lead in leads]


def seen_before() -> list[tuple[str, ...]]:
    """A name that nobody else has, at the same company under another address: suggested as duplicates."""
    names = Lead.objects.values("name").annotate(many=Count("id")).filter(many=1)
    leads = Lead.objects.filter(
        stage__in=["lead", "mql"], company__isnull=False, name__in=names.values("name")
    )
    rows = leads.order_by("-score", "id").values_list("name", "email", "company__name", "title")[:TWICE]
    return [
        (name, f"{email.partition('@')[0]}@gmail.com", "", company, "", title)
        for name, email, company, title in rows
    ]


def come_again(words: Words, at: datetime) -> None:
    """One that was put aside answers a form again, and is back with whoever had it."""
    lead = Lead.objects.filter(stage="deferred").exclude(email="").order_by("-score", "id").first()
    channel = Channel.objects.filter(name=words.channels[0]).first()
    if lead is not None:
        source = Source("form", channel, "form_submit", {"form": words.channels[0]})
        item = incoming_from({"email": lead.email, "pain": words.pains[0]})
        capture([item], source=source, as_of=at, actor=None)
