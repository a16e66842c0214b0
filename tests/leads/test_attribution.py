"""Where a lead came from, each time; and what reps found it to be."""

from datetime import timedelta
from typing import Any

import pytest

from leads.actions import capture, merge, undo_merge
from leads.actions.quality import rate_quality
from leads.actions.sources import add_channel
from leads.attribution import runs, sources_of
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Lead, TimelineEntry, Touch
from leads.telling import told
from tests.cast import NOW, a_lead
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed

DAY = timedelta(days=1)


@pytest.fixture
def channels(workspace: Workspace) -> list[Channel]:
    return [add_channel(name, as_of=NOW, actor=None) for name in ("Spring fair", "Newsletter", "Old list")]


def came(email: str, channel: Channel, days: int, touch: str = "form_submit", **said: Any) -> None:
    item = incoming_from({"email": email, "campaign": said.pop("campaign", "")})
    source = Source("form" if touch else "import", channel, touch, said)
    capture([item], source=source, as_of=NOW + days * DAY, actor=None)


def test_first_last_and_every_time_between(channels: list[Channel], api: Any, zoe: Member) -> None:
    fair, letter, lists = channels
    came("a@x.example", fair, 0, touch="", campaign="Spring")  # a list leaves no touch
    came("a@x.example", letter, 1, utm_source="mail", utm_medium="email", utm_campaign="May")
    came("a@x.example", lists, 2, referred_by_name="Ming")
    lead = Lead.objects.get()
    seen = sources_of(lead)
    assert Lead.objects.get().campaign == "Spring"
    assert [(one.name, one.campaign, one.at) for one in seen] == [
        ("Spring fair", "Spring", NOW),
        ("Newsletter", "May", NOW + DAY),
        ("Old list", "", NOW + 2 * DAY),
    ]
    assert (seen[1].utm, seen[2].referred_by) == ("mail / email / May", "Ming")
    answer = api(zoe).get(f"/api/v1/leads/{lead.pk}/sources/").json()
    assert [(one["first"], one["last"]) for one in answer] == [(True, False), (False, False), (False, True)]
    assert answer[1]["said"]["utm_medium"] == "email"


def test_of_very_many_touches_the_first_and_the_latest_are_told(
    channels: list[Channel], api: Any, page: Any, zoe: Member
) -> None:
    fair, letter, lists = channels
    came("a@x.example", fair, 0)
    lead = Lead.objects.get()
    Touch.objects.bulk_create(
        Touch(lead=lead, channel=letter, kind="inquiry", at=NOW + minute * DAY / 1440)
        for minute in range(1, 251)
    )
    came("a@x.example", lists, 2)
    seen = sources_of(lead)
    assert [seen[at].name for at in (0, 1, -1)] == ["Spring fair", "Newsletter", "Old list"]
    assert (len(seen), seen[1].left_out, len(seen) + seen[1].left_out) == (201, 51, 252)
    assert [(one.name, one.times) for one in runs(seen)] == [
        ("Spring fair", 1),
        ("Newsletter", 199),
        ("Old list", 1),
    ]
    answer = api(zoe).get(f"/api/v1/leads/{lead.pk}/sources/").json()
    assert (answer[-1]["channel_name"], answer[-1]["last"], answer[1]["left_out"]) == ("Old list", True, 51)
    shown = page(zoe).get(f"/w/acme/leads/{lead.pk}/").content.decode()
    assert "51 more between" in shown and "199 times, last" in shown
    Touch.objects.filter(pk__in=Touch.objects.order_by("-at").values("pk")[1:53]).delete()
    assert (len(sources_of(lead)), {one.left_out for one in sources_of(lead)}) == (200, {0})


def test_a_later_mailing_is_not_how_an_older_lead_began(channels: list[Channel]) -> None:
    came("a@x.example", channels[0], 0, touch="")
    came("a@x.example", channels[1], 30, campaign="May")
    assert Lead.objects.get().campaign == ""


def test_a_first_touch_is_not_told_twice(channels: list[Channel]) -> None:
    came("a@x.example", channels[0], 0)
    assert [one.name for one in sources_of(Lead.objects.get())] == ["Spring fair"]


def test_merged_leads_keep_the_sources_of_both(channels: list[Channel]) -> None:
    fair, letter, _lists = channels
    came("a@x.example", letter, 3, touch="")
    came("b@x.example", fair, 0, touch="")
    kept, gone = Lead.objects.get(email_key="a@x.example"), Lead.objects.get(email_key="b@x.example")
    merge(kept.pk, gone.pk, as_of=NOW + 4 * DAY, actor=None)
    kept = Lead.objects.get()
    assert (kept.captured_at, kept.channel) == (NOW, letter)  # the earlier moment, its own channel
    assert seen(kept) == [("Spring fair", 0), ("Newsletter", 3)]


def seen(lead: Lead) -> list[tuple[str, int]]:
    """(channel, days after the first day) of each time it came."""
    return [(one.name, (one.at - NOW).days) for one in sources_of(lead)]


def test_leads_that_were_merged_one_into_the_other_keep_the_sources_of_all(channels: list[Channel]) -> None:
    fair, letter, lists = channels
    for email, channel, days, touch in (
        ("a", letter, 3, ""),
        ("b", fair, 2, "form_submit"),
        ("c", lists, 1, ""),
    ):
        came(f"{email}@x.example", channel, days, touch=touch)
    a, b, c = (Lead.objects.get(email_key=f"{one}@x.example").pk for one in "abc")
    merge(b, c, as_of=NOW + 4 * DAY, actor=None)
    last = merge(a, b, as_of=NOW + 5 * DAY, actor=None)
    every = [("Old list", 1), ("Spring fair", 2), ("Newsletter", 3)]
    assert seen(Lead.objects.get()) == every
    Lead.objects.update(channel=lists)  # somebody knows better
    assert seen(Lead.objects.get()) == [("Old list", 1), ("Spring fair", 2), ("Old list", 3)]
    Lead.objects.update(channel=letter)
    undo_merge(last.pk, as_of=NOW + 6 * DAY, actor=None)
    assert seen(Lead.objects.get(pk=a)) == [("Newsletter", 3)]
    assert seen(Lead.objects.get(pk=b)) == every[:2]


def test_what_a_lead_took_up_in_a_merge_it_did_not_come_by(channels: list[Channel]) -> None:
    fair, _letter, _lists = channels
    came("b@x.example", fair, 0, touch="", campaign="Spring")
    kept = a_lead(captured_at=NOW + 2 * DAY)
    merge(kept.pk, Lead.objects.get(email_key="b@x.example").pk, as_of=NOW + 4 * DAY, actor=None)
    kept.refresh_from_db()
    assert kept.channel == fair
    assert [(one.name, one.campaign) for one in sources_of(kept)] == [("Spring fair", "Spring"), ("", "")]


@pytest.mark.parametrize("touch", ["", "form_submit"])
def test_leads_of_one_moment_keep_each_their_campaign(channels: list[Channel], touch: str) -> None:
    for email, campaign in (("a", "Spring"), ("b", "Autumn"), ("c", "Spring")):
        came(f"{email}@x.example", channels[0], 0, touch=touch, campaign=campaign)
    a, b, c = (Lead.objects.get(email_key=f"{one}@x.example").pk for one in "abc")
    merge(a, b, as_of=NOW + DAY, actor=None)
    merge(a, c, as_of=NOW + DAY, actor=None)
    told = sorted(one.campaign for one in sources_of(Lead.objects.get()))
    assert told == (["Autumn", "Spring", "Spring"] if touch else ["Autumn", "Spring"])


def test_how_a_lead_began_that_was_taken_up(channels: list[Channel]) -> None:
    """By hand, by the API or by a colleague's word: told also where no channel and no touch tells it."""
    fair, _letter, _lists = channels
    for day, said in enumerate(({}, {"referred_by_name": "Ming", "utm_source": "mail"})):
        item = incoming_from({"email": f"{day}@x.example"})
        source = Source("hand", None, "", said)
        capture([item], source=source, as_of=NOW + day * DAY, actor=None)
    came("a@x.example", fair, 2, touch="")
    kept = Lead.objects.get(email_key="a@x.example")
    for gone in Lead.objects.exclude(pk=kept.pk):
        merge(kept.pk, gone.pk, as_of=NOW + 3 * DAY, actor=None)
    first, second, last = sources_of(Lead.objects.get())
    assert (first.kind, second.kind, last.name) == ("hand", "hand", "Spring fair")
    assert (second.referred_by, second.utm) == ("Ming", "mail")


def test_reps_rate_what_they_hold(workspace: Workspace, ming: Member, api: Any) -> None:
    lead, other = a_lead(owner=ming, pool="sales"), a_lead()
    client = api(ming)
    answer = client.post(f"/api/v1/leads/{lead.pk}/quality/", {"quality": "student", "note": "A thesis"})
    assert (answer.status_code, answer.json()["quality"]) == (200, "student")
    assert answer.json()["version"] == lead.version + 1
    assert client.post(f"/api/v1/leads/{other.pk}/quality/", {"quality": "real"}).status_code == 403
    assert client.post(f"/api/v1/leads/{lead.pk}/quality/", {"quality": "great"}).status_code == 422
    assert told(TimelineEntry.objects.filter(kind="quality"))[0]["text"] == "Quality: Student: A thesis"
    assert client.patch(f"/api/v1/leads/{lead.pk}/", {"quality": "real"}).status_code == 422
    assert client.post(f"/api/v1/leads/{lead.pk}/quality/", {"quality": ""}).json()["quality"] == ""
    with pytest.raises(NotAllowed):
        rate_quality([lead.pk, other.pk], "real", as_of=NOW, actor=ming)
    with pytest.raises(Invalid):
        rate_quality([lead.pk], "none", as_of=NOW, actor=None)


def test_conditions_may_ask_for_it(workspace: Workspace, api: Any, zoe: Member) -> None:
    real, _unrated = a_lead(quality="real"), a_lead()
    for where in ('{"field":"quality","op":"eq","value":"real"}', '{"field":"quality","op":"is_set"}'):
        found = api(zoe).get("/api/v1/leads/", {"where": where}).json()["results"]
        assert [one["id"] for one in found] == [str(real.pk)]
    empty = api(zoe).get("/api/v1/leads/", {"where": '{"field":"quality","op":"is_empty"}'}).json()
    assert len(empty["results"]) == 1
