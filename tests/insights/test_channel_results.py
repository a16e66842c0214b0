"""What comes of channels and campaigns, what they cost and return, and whose leads come twice."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from insights.reports import Scope
from insights.reports.behind import came, overlap
from insights.reports.over_time import over_time
from insights.reports.overlaps import overlaps
from insights.reports.scope import By
from insights.reports.sources import campaigns, sources
from intake.pages.channels import count_by_channel
from leads.actions import capture, merge
from leads.actions.sources import add_channel, change_channel
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Lead, Opportunity, StageChange
from tests.cast import NOW, a_lead
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

MONTH = Scope(NOW, 30)

DAY = timedelta(days=1)
LONG_AGO = NOW - 400 * DAY


@pytest.fixture
def channels(workspace: Workspace) -> list[Channel]:
    made = [
        add_channel("Fair", campaign="Spring", cost_per_month=60_000, as_of=LONG_AGO, actor=None),
        add_channel("Ads", campaign="Spring", cost_per_month=30_000, as_of=LONG_AGO, actor=None),
    ]
    for number, quality in enumerate(("real", "real", "student", "")):
        a_lead(channel=made[0], campaign="Spring", quality=quality, stage="won" if not number else "mql",
               captured_at=NOW - (number + 1) * DAY)  # fmt: skip
    won = Lead.objects.get(stage="won")
    Opportunity.objects.create(lead=won, name="Deal", amount=240_000, currency="USD", status="won")
    return made


def test_share_real_cost_each_and_return(channels: list[Channel]) -> None:
    report = sources(MONTH)
    fair = next(row for row in report.rows if row["name"] == "Fair")
    assert (fair["leads"], fair["rated"], fair["real_leads"], fair["real"]) == (4, 3, 2, round(2 / 3, 4))
    assert (fair["cost_per_real"], fair["cost_per_mql"], fair["cost_per_customer"]) == (
        30_000,
        15_000,
        60_000,
    )
    assert (fair["cost_per_sql"], fair["returned"]) == (60_000, 4)
    ads = next(row for row in report.rows if row["name"] == "Ads")
    assert (ads["leads"], ads["cost"], ads["cost_per_lead"], ads["returned"]) == (0, 30_000, None, 0)
    assert (report.total["cost"], report.total["real"]) == (90_000, round(2 / 3, 4))


def test_a_channel_costs_from_its_making_until_it_is_switched_off(channels: list[Channel]) -> None:
    fair, ads = channels

    def costs(days: int = 30) -> dict[str, int | None]:
        scope = Scope(NOW, days)
        told = {row["name"]: row["cost"] for row in sources(scope).rows}
        return (
            told
            | {"total": sources(scope).total["cost"]}
            | {row["name"]: row["cost"] for row in campaigns(scope).rows}
        )

    new = add_channel("Letter", cost_per_month=30_000, campaign="Post", as_of=NOW - 2 * DAY, actor=None)
    assert costs(365) == {
        "Fair": 730_000, "Ads": 365_000, "Letter": 2_000, "total": 1_097_000, "Spring": 1_095_000, "Post": 2_000
    }  # fmt: skip
    change_channel(fair, {"is_active": False}, as_of=NOW - 20 * DAY, actor=None)
    change_channel(ads, {"is_active": False}, as_of=NOW - 99 * DAY, actor=None)
    change_channel(fair, {"name": "Fair"}, as_of=NOW - 9 * DAY, actor=None)  # and stays off
    assert costs() == {"Fair": 20_000, "Letter": 2_000, "total": 22_000, "Spring": 20_000, "Post": 2_000}
    change_channel(fair, {"is_active": True}, as_of=NOW - 5 * DAY, actor=None)
    assert costs()["Fair"] == 30_000
    Channel.objects.filter(pk=new.pk).update(runs=[], created_at=NOW - 3 * DAY)  # nobody has set it up since
    assert costs()["Letter"] == 3_000


def test_a_campaign_costs_what_its_channels_cost(channels: list[Channel]) -> None:
    a_lead(campaign="Autumn", captured_at=NOW - DAY)
    report = campaigns(MONTH)
    rows = {row["name"]: row for row in report.rows}
    assert (rows["Spring"]["leads"], rows["Spring"]["cost"], rows["Spring"]["value"]) == (4, 90_000, 240_000)
    assert (rows["Autumn"]["leads"], rows["Autumn"]["cost"]) == (1, None)


def test_whose_leads_come_twice(channels: list[Channel]) -> None:
    fair, ads = channels
    for days, channel in ((9, fair), (5, ads), (4, ads)):
        item = incoming_from({"email": "a@x.example"})
        source = Source("form", channel, "form_submit")
        capture([item], source=source, as_of=NOW - days * DAY, actor=None)
    again = a_lead(channel=ads, captured_at=NOW - DAY)
    first = Lead.objects.filter(channel=fair, email="").first()
    assert first is not None
    merge(first.pk, again.pk, as_of=NOW - DAY / 2, actor=None)
    [row] = overlaps(MONTH).rows
    assert (row["first"], row["again"], row["leads"], row["share"]) == ("Fair", "Ads", 2, 1)
    assert overlaps(Scope(NOW - 10 * DAY, 30)).rows == []
    came = Lead.objects.get(email="a@x.example")
    assert [(one.lead, one.at) for one in overlap(MONTH, fair.pk, ads.pk)] == [
        (first.pk, NOW - DAY / 2),
        (came.pk, NOW - 4 * DAY),
    ]


def test_of_merged_leads_the_channel_of_the_earlier_one_was_first(channels: list[Channel]) -> None:
    fair, ads = channels
    Lead.objects.all().delete()
    early = a_lead(channel=fair, captured_at=NOW - 9 * DAY)
    late = a_lead(channel=ads, captured_at=NOW - 5 * DAY)
    merge(late.pk, early.pk, as_of=NOW - DAY, actor=None)  # the later one is kept
    [row] = overlaps(MONTH).rows
    assert (row["first"], row["again"], row["leads"], row["share"]) == ("Fair", "Ads", 1, 1)
    assert [one.lead for one in overlap(MONTH, fair.pk, ads.pk)] == [late.pk]
    assert overlap(MONTH, ads.pk, fair.pk) == []


def counted(by: By) -> dict[str, int]:
    """Leads by channel, and all of them."""
    report = sources(replace(MONTH, by=by))
    return {row["name"]: row["leads"] for row in report.rows} | {"total": report.total["leads"]}


def test_a_merged_lead_counts_once_by_its_first_last_or_each_of_its_sources(channels: list[Channel]) -> None:
    fair, ads = channels
    Lead.objects.all().delete()
    early = a_lead(channel=fair, captured_at=NOW - 9 * DAY, quality="real")
    late = a_lead(channel=ads, captured_at=NOW - 5 * DAY)
    merge(late.pk, early.pk, as_of=NOW - DAY, actor=None)  # the later one is kept, with its own channel
    assert Lead.objects.get().channel == ads
    assert counted("first") == {"Fair": 1, "Ads": 0, "total": 1}
    assert counted("last") == {"Fair": 0, "Ads": 1, "total": 1}
    assert counted("all") == {"Fair": 1, "Ads": 1, "total": 1}
    report = sources(MONTH)
    assert [row["where"] for row in report.rows] == [None, None]  # their channel says Ads
    assert [one.lead for one in came(MONTH, fair.pk)] == [late.pk]
    assert came(MONTH, ads.pk) == []
    assert sum(span.leads for span in over_time(MONTH, fair.pk)) == 1
    last = replace(MONTH, by="last")
    assert (came(last, fair.pk), len(came(last, ads.pk))) == ([], 1)


def test_duplicates_are_those_that_the_overlaps_tell(channels: list[Channel]) -> None:
    fair, ads = channels
    Lead.objects.all().delete()
    letter = add_channel("Letter", as_of=NOW, actor=None)
    for email, first_day, through in (
        ("a", 9, (fair, ads, ads)),
        ("b", 9, (ads, fair, letter)),
        ("c", 5, (letter,)),
    ):
        for days, channel in enumerate(through):
            item = incoming_from({"email": f"{email}@x.example"})
            source = Source("form", channel, "form_submit")
            capture([item], source=source, as_of=NOW - (first_day - days) * DAY, actor=None)
    first, second = Lead.objects.get(email="b@x.example"), Lead.objects.get(email="c@x.example")
    merge(second.pk, first.pk, as_of=NOW - DAY, actor=None)
    assert counted("first") == {"Fair": 1, "Ads": 1, "total": 2}
    assert counted("last") == {"Fair": 0, "Ads": 1, "Letter": 1, "total": 2}
    assert counted("all") == {"Fair": 2, "Ads": 2, "Letter": 1, "total": 2}
    every = sources(replace(MONTH, by="all"))
    assert every.total["duplicates"] == overlaps(MONTH).total["leads"] == 3


def test_what_was_merged_after_it_had_taken_up_another_came_when_it_came(channels: list[Channel]) -> None:
    fair, ads = channels
    Lead.objects.all().delete()
    letter = add_channel("Letter", as_of=NOW, actor=None)
    oldest, middle, latest = (
        a_lead(channel=channel, captured_at=NOW - days * DAY)
        for channel, days in ((letter, 9), (fair, 3), (ads, 5))
    )
    merge(middle.pk, oldest.pk, as_of=NOW - 2 * DAY, actor=None)
    merge(latest.pk, middle.pk, as_of=NOW - DAY, actor=None)
    assert counted("last") == {"Fair": 1, "Ads": 0, "total": 1}
    assert counted("first") == {"Letter": 1, "Fair": 0, "Ads": 0, "total": 1}


def test_which_source_counts_is_chosen_on_the_page_and_by_api(
    channels: list[Channel], page: Any, api: Any, zoe: Member
) -> None:
    fair, ads = channels
    for channel in (fair, ads):
        item = incoming_from({"email": "twice@x.example", "name": "Tina Twice"})
        capture([item], source=Source("form", channel, "form_submit"), as_of=timezone.now(), actor=None)
    client = page(zoe)
    shown = client.get("/w/acme/channels/results/?by=last&days=7").content.decode()
    assert re.search(r'href="\?days=7&amp;by=last" aria-current="true">Last source', shown)
    [address] = re.findall(rf'href="([^"]+came[^"]+{ads.pk}[^"]*)"', shown)
    behind = client.get(unescape(address)).content.decode()
    assert "Tina Twice" in behind and "Last by Ads" in behind
    assert client.get(f"/w/acme/channels/{ads.pk}/results/?by=all").status_code == 200
    assert "together the rows are 1 more" in client.get("/w/acme/channels/results/?by=all").content.decode()
    assert client.get("/w/acme/dashboard/came/?channel=none").status_code == 200
    answer = api(zoe).get("/api/v1/reports/sources/", {"by": "all", "days": 7}).json()
    assert answer["total"]["duplicates"] == 1
    assert api(zoe).get("/api/v1/reports/sources/", {"by": "odd"}).status_code == 400


def test_the_number_of_an_overlap_opens_its_leads(
    channels: list[Channel], page: Any, zoe: Member, elsewhere: Workspace
) -> None:
    fair, ads = channels
    for channel in (fair, ads):
        item = incoming_from({"email": "twice@x.example", "name": "Tina Twice"})
        capture([item], source=Source("form", channel, "form_submit"), as_of=timezone.now(), actor=None)
    client = page(zoe)
    shown = client.get("/w/acme/channels/results/").content.decode()
    [address] = re.findall(r'heat-4"><a href="([^"]+)"', shown)
    behind = client.get(unescape(address)).content.decode()
    assert "Tina Twice" in behind and "First by Fair, again by Ads" in behind
    with enter(elsewhere):
        theirs = add_channel("Theirs", as_of=NOW, actor=None)
    for wrong in (theirs.pk, "none", ""):
        asked = {"first": wrong, "again": ads.pk}
        assert client.get("/w/acme/dashboard/overlap/", asked).status_code == 404


@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_through_the_period(channels: list[Channel], days: int) -> None:
    spans = over_time(Scope(NOW, days), channels[0].pk)
    assert sum(span.leads for span in spans) == 4
    assert sum(span.real for span in spans) == 2
    assert sum(span.won for span in spans) == 1
    assert 5 <= len(spans) <= 15


def test_the_curve_and_the_list_of_channels_tell_what_the_figures_tell(channels: list[Channel]) -> None:
    """A customer that was opened again was won, an MQL that was lost was one; straight to SQL is past MQL."""
    Lead.objects.all().delete()
    fair, ads = channels
    for stage, steps in (("lead", ("mql", "sql", "opportunity", "won")), ("lost", ("mql",)), ("sql", ())):
        lead = a_lead(channel=fair, stage=stage, captured_at=NOW - 9 * DAY)
        for target in steps * 2:  # a step taken twice is one lead
            StageChange.objects.create(lead=lead, transition="to", source="lead", target=target, at=NOW - DAY)
    a_lead(channel=ads, captured_at=NOW - 9 * DAY)
    row = next(one for one in sources(MONTH).rows if one["name"] == "Fair")
    spans = over_time(MONTH, fair.pk)
    assert [sum(getattr(span, key) for span in spans) for key in ("leads", "mql", "won")] == [3, 3, 1]
    assert (row["leads"], row["mql"], row["won"]) == (3, 3, 1)
    listed = {one["channel_id"]: one for one in count_by_channel()}
    assert [listed[fair.pk][key] for key in ("leads", "qualified", "won")] == [3, 3, 1]
    assert [listed[ads.pk][key] for key in ("leads", "qualified", "won")] == [1, 0, 0]


def test_every_figure_opens_its_list(channels: list[Channel], page: Any, zoe: Member) -> None:
    fair, ads = channels
    Lead.objects.update(captured_at=timezone.now() - DAY)
    lost = a_lead(name="Was MQL", channel=fair, stage="lost", captured_at=timezone.now() - DAY)
    StageChange.objects.create(
        lead=lost, transition="to_mql", source="lead", target="mql", at=timezone.now() - DAY / 2
    )
    a_lead(name="Of Ads", channel=ads, stage="sql", captured_at=timezone.now() - DAY)
    for amount in (9, 10):
        Opportunity.objects.create(lead=lost, name="Abroad", amount=amount, currency="EUR", status="won")
    client = page(zoe)

    def opened(address: str, figure: str, which: str) -> tuple[int, str]:
        shown = client.get(f"/w/acme/{address}").content.decode()
        href = next(
            one
            for one in map(unescape, re.findall(r'href="([^"]+)"', shown))
            if f"figure={figure}&" in one and which in one
        )
        behind = client.get(href).content.decode()
        return len(re.findall(r'<tr data-row id="lead-', behind)), behind

    own = f"channels/{fair.pk}/results/"
    for figure, leads in (("mql", 5), ("won", 1), ("rated", 3), ("real", 2), ("student", 1), ("abroad", 1)):
        assert opened(own, figure, str(fair.pk))[0] == leads
    assert opened(own, "value", str(fair.pk))[0] == 1
    assert "and 2 in other currencies" in client.get(f"/w/acme/{own}").content.decode()
    many, shown = opened("channels/results/", "mql", "channel=all")
    assert (many, "Was MQL" in shown, "Of Ads" in shown, "All channels · MQL" in shown) == (
        6,
        True,
        True,
        True,
    )
    assert opened("channels/results/?by=all", "mql", "channel=all")[0] == 6
    assert opened("channels/results/", "sql", str(ads.pk))[0] == 1
    assert opened("channels/results/", "mql", "campaign=Spring")[0] == 4
    assert client.get("/w/acme/dashboard/brought/?figure=mql").content.decode().count("<tr data-row") == 2
    assert client.get("/w/acme/dashboard/came/?channel=all&figure=odd").status_code == 404
    for address in ("dashboard/", "reports/sources/"):
        assert opened(address, "mql", str(fair.pk))[0] == 5


def test_what_was_won_in_another_currency_is_counted(channels: list[Channel]) -> None:
    won = Lead.objects.get(stage="won")
    Opportunity.objects.create(lead=won, name="Abroad", amount=900_000, currency="EUR", status="won")
    for report in (sources(MONTH), campaigns(MONTH)):
        assert (report.rows[0]["value"], report.rows[0]["abroad"], report.total["abroad"]) == (240_000, 1, 1)


def test_marketers_see_it_and_take_it_along(
    channels: list[Channel], page: Any, api: Any, zoe: Member, ming: Member
) -> None:
    client = page(zoe)
    for address in ("channels/results/", f"channels/{channels[0].pk}/results/"):
        shown = client.get(f"/w/acme/{address}?days=365")
        assert shown.status_code == 200
        assert "67%" in shown.content.decode()
    assert page(ming).get("/w/acme/channels/results/").status_code == 200
    assert page(ming).get(f"/w/acme/channels/{channels[0].pk}/results/").status_code == 403
    for name in ("sources", "campaigns", "overlaps"):
        assert client.get(f"/w/acme/reports/{name}.csv").status_code == 200
        answer = api(zoe).get(f"/api/v1/reports/{name}/").json()
        assert answer["name"] == name
    assert "Return" in client.get("/w/acme/reports/campaigns.csv").content.decode()
    assert "Share real" in client.get("/w/acme/reports/sources/?days=365").content.decode()


def test_the_pages_cost_the_same_for_few_and_many(
    channels: list[Channel], page: Any, zoe: Member, django_assert_num_queries: Any
) -> None:
    client = page(zoe)
    for number in range(3):
        client.get("/w/acme/channels/results/")
        with django_assert_num_queries(16):
            client.get("/w/acme/channels/results/")
        extra = add_channel(f"More {number}", campaign=f"C{number}", as_of=NOW, actor=None)
        a_lead(channel=extra, captured_at=NOW - DAY)


def test_one_click_rates_a_lead(workspace: Workspace, page: Any, ming: Member) -> None:
    lead = a_lead(owner=ming, pool="sales")
    client = page(ming)
    address = f"/w/acme/leads/{lead.pk}/"
    shown = client.get(address).content.decode()
    assert 'value="wrong_contact"' in shown
    sent = client.post(f"{address}quality/", {"quality": "wrong_contact"}, headers={"hx-request": "true"})
    assert sent.status_code == 204
    assert Lead.objects.get(pk=lead.pk).quality == "wrong_contact"
    assert 'aria-pressed="true"' in client.get(address).content.decode()
    client.post(f"{address}quality/", {"quality": ""})
    assert Lead.objects.get(pk=lead.pk).quality == ""


def test_a_selection_is_rated_at_once_and_taken_back(
    workspace: Workspace, page: Any, ming: Member, alice: Member
) -> None:
    mine = [a_lead(owner=ming, pool="sales", quality=quality) for quality in ("", "student")]
    other = a_lead(owner=alice, pool="sales", name="Held by alice")
    client, hx = page(ming), {"hx-request": "true"}
    assert "Rate them" in client.get(f"/w/acme/leads/rate/?ids={mine[0].pk}").content.decode()
    asked = {"ids": [lead.pk for lead in mine], "quality": "real"}
    sent = client.post("/w/acme/leads/rate/", asked, headers=hx)
    toast = json.loads(sent["HX-Trigger"])["toast"]
    assert (sent.status_code, toast["text"]) == (204, "2 leads rated.")
    assert set(Lead.objects.filter(owner=ming).values_list("quality", flat=True)) == {"real"}
    assert client.post(toast["undo"], headers=hx).status_code == 204
    assert [Lead.objects.get(pk=lead.pk).quality for lead in mine] == ["", "student"]
    partly = client.post("/w/acme/leads/rate/", asked | {"ids": [mine[0].pk, other.pk]}, headers=hx)
    assert partly.status_code == 200 and "Held by alice" in partly.content.decode()
    assert Lead.objects.get(pk=mine[0].pk).quality == "real" and Lead.objects.get(pk=other.pk).quality == ""
    assert client.post("/w/acme/leads/rate/", {"quality": "real"}, headers=hx).status_code == 422
    wrong = client.post("/w/acme/leads/rate/", asked | {"quality": "splendid"}, headers=hx)
    assert wrong.status_code == 422
