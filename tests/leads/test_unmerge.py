"""Merges of one lead are undone in any order, and each takes back what it had brought, no more and no less."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from leads.actions import assess, capture, edit, merge, undo_merge
from leads.actions.quality import rate_quality
from leads.actions.rules import add_tag_rule
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import CustomField, Lead, Merge
from pools.actions import claim
from tests.cast import NOW
from tests.leads.test_merge import LATER, seen
from workspaces.models import Member


def enters(at: datetime = NOW, **facts: Any) -> Lead:
    [found] = capture([incoming_from(facts)], source=Source("api"), as_of=at, actor=None)
    return Lead.objects.get(pk=found.lead_id)


@pytest.fixture
def three(alice: Member) -> list[Lead]:
    """The first came last, is the last to have a channel of its own, and has no e-mail."""
    CustomField.objects.create(key="color", label="Color")
    day = timedelta(days=1)
    a = enters(NOW, name="A", phone="+8613812345670", title="x", attributes={"color": "red"})
    b = enters(NOW - day, name="B", email="b@acme.test", title="y", attributes={"color": "green"})
    c = enters(NOW - 2 * day, name="C", email="c@acme.test", title="z", attributes={"color": "blue"})
    return [a, b, c]


CHOICES = {"title": "other", "email": "other", "attributes.color": "other", "pursuit": "other"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("choose", [{}, CHOICES])
def test_two_merges_are_undone_in_either_order(
    three: list[Lead], alice: Member, ming: Member, order: tuple[int, int], choose: dict[str, str]
) -> None:
    a, b, c = three
    if choose:
        claim(ming, [b.pk, c.pk], as_of=NOW)
    before = [seen(lead) for lead in three]
    made = [merge(a.pk, one.pk, choose=choose, as_of=LATER, actor=alice) for one in (b, c)]
    for which in order:
        undo_merge(made[which].pk, as_of=LATER, actor=alice)
    after = [seen(Lead.objects.get(pk=lead.pk)) for lead in three]
    if choose and order == (0, 1):  # b came back while its holder's pursuit was no longer a's
        assert {"what": "pursuit"} in Merge.objects.get(pk=made[0].pk).kept
        names = (
            "owner_id",
            "team_id",
            "held_since",
            "pool",
            "pool_since",
            "reclaim_at",
            "warn_at",
            "reclaim_reason",
        )
        for row in (before[1], after[1]):
            for name in (*names, "held"):
                row.pop(name)
        before[0].pop("held"), after[0].pop("held")
    assert after == before


def test_what_was_edited_between_two_merges_stays(three: list[Lead], alice: Member) -> None:
    a, b, c = three
    first = merge(a.pk, b.pk, choose=CHOICES, as_of=LATER, actor=alice)
    edit(a.pk, {"title": "w", "attributes": {"color": "white"}}, as_of=LATER, actor=alice)
    second = merge(a.pk, c.pk, choose=CHOICES, as_of=LATER, actor=alice)
    undo_merge(first.pk, as_of=LATER, actor=alice)
    undo_merge(second.pk, as_of=LATER, actor=alice)
    now = Lead.objects.get(pk=a.pk)
    assert (now.title, now.attributes["color"], now.email) == ("w", "white", "")


def test_the_first_moment_is_that_of_what_is_still_merged(three: list[Lead], alice: Member) -> None:
    a, b, c = three
    merge(a.pk, b.pk, as_of=LATER, actor=alice)
    second = merge(a.pk, c.pk, as_of=LATER, actor=alice)
    undo_merge(second.pk, as_of=LATER, actor=alice)
    again = merge(a.pk, c.pk, as_of=LATER, actor=alice)
    undo_merge(Merge.objects.get(absorbed=b.pk).pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=a.pk).captured_at == c.captured_at
    undo_merge(again.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=a.pk).captured_at == a.captured_at


def test_a_fact_that_was_written_anew_keeps_what_is_worked_out_of_it(alice: Member) -> None:
    a = enters(name="A", wechat="a")
    facts = {"phone": "138 1234 5678", "website": "acme.test", "email": "b@gmail.com"}
    b = enters(name="B", **facts)
    made = merge(a.pk, b.pk, as_of=NOW, actor=alice)
    news = {"phone": "+86 138-1234-5678", "website": "https://acme.test/about", "email": "a@gmail.com"}
    edit(a.pk, news, as_of=LATER, actor=alice)
    found = undo_merge(made.pk, as_of=LATER, actor=alice)
    now = Lead.objects.get(pk=a.pk)
    assert {one["what"] for one in found.kept} == {"phone", "website", "email", "leads_identity"}
    assert (now.phone_e164, now.domain) == ("+8613812345678", "acme.test")
    assert (now.email_key, now.email_traits) == ("a@gmail.com", "free")


def test_the_domain_goes_with_the_website(alice: Member) -> None:
    a = enters(name="A", email="a@acme.test")
    b = enters(name="B", wechat="b", website="other.test")
    made = merge(a.pk, b.pk, as_of=NOW, actor=alice)
    assert Lead.objects.get(pk=a.pk).domain == "other.test"
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=a.pk).domain == "acme.test"


def test_tags_of_a_rule_follow_what_the_lead_says(alice: Member, three: list[Lead]) -> None:
    """By fact: an e-mail comes over and so does its tag; the other's title does not, nor its tag."""
    add_tag_rule("mail", {"field": "email", "op": "is_set"}, as_of=NOW, actor=alice)
    add_tag_rule("why", {"field": "title", "op": "eq", "value": "y"}, as_of=NOW, actor=alice)
    a, b, _c = three
    before = seen(a), seen(b)
    assert (before[0]["tags"], before[1]["tags"]) == ([], ["mail", "why"])
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    assert seen(a)["tags"] == ["mail"]
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert (seen(a), seen(Lead.objects.get(pk=b.pk))) == before


def test_the_survivor_is_news_too(three: list[Lead], alice: Member) -> None:
    a, b, _c = three
    made = merge(a.pk, b.pk, as_of=NOW, actor=alice)
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert set(Lead.objects.filter(pk__in=[a.pk, b.pk]).values_list("updated_at", flat=True)) == {LATER}


def test_a_rating_and_the_answers_go_over_and_come_back(alice: Member) -> None:
    a, b = enters(name="A", wechat="a"), enters(name="B", wechat="b")
    assess(a.pk, "need", verdict="bad", as_of=NOW, actor=alice)
    assess(a.pk, "budget", verdict="bad", as_of=LATER, actor=alice)
    assess(b.pk, "need", verdict="good", as_of=LATER, actor=alice)
    assess(b.pk, "budget", verdict="good", as_of=NOW, actor=alice)
    assess(b.pk, "timeline", verdict="mixed", as_of=NOW, actor=alice)
    rate_quality([b.pk], "real", as_of=NOW, actor=alice)
    before = seen(a), seen(b)
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    one = Lead.objects.get()
    assert (one.quality, one.assessment) == ("real", {"need": "good", "budget": "bad", "timeline": "mixed"})
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert (seen(a), seen(b)) == before


def test_an_answer_of_after_the_merge_stays_with_the_survivor(alice: Member) -> None:
    a, b = enters(name="A", wechat="a"), enters(name="B", wechat="b")
    assess(b.pk, "need", verdict="good", as_of=NOW, actor=alice)
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    assess(a.pk, "need", verdict="good", as_of=LATER, actor=alice)
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert [lead.assessment for lead in Lead.objects.order_by("name")] == [{"need": "good"}, {"need": "good"}]


def test_of_two_ratings_the_survivors_stays_unless_chosen(alice: Member) -> None:
    a, b = enters(name="A", wechat="a"), enters(name="B", wechat="b")
    rate_quality([a.pk], "student", as_of=NOW, actor=alice)
    rate_quality([b.pk], "real", as_of=NOW, actor=alice)
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get().quality == "student"
    undo_merge(made.pk, as_of=LATER, actor=alice)
    merge(a.pk, b.pk, choose={"quality": "other"}, as_of=LATER, actor=alice)
    assert Lead.objects.get().quality == "real"
