"""A lead comes in once, however often and however many at a time."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from leads.actions import capture
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Company, Identity, Lead, LeadTag, TimelineEntry, Touch
from tests.cast import NOW
from workspaces.actions import create_workspace
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

API = Source("api")


def arrive(*facts: dict, actor: Member | None = None, source: Source = API):
    return capture([incoming_from(one) for one in facts], source=source, as_of=NOW, actor=actor)


def test_a_new_lead_has_its_facts_and_their_normalised_keys(workspace: Workspace, zoe: Member) -> None:
    (made,) = arrive(
        {
            "name": "Ada King",
            "email": "Ada@Example.COM",
            "phone": "(660) 485-0224",
            "company": "Analytical Engines, Inc.",
            "website": "https://www.engines.example/about",
            "industry": "Manufacturing",
            "need_level": "clear",
            "tags": ["Budget clear"],
        },
        actor=zoe,
    )
    assert made.status == "created"
    lead = Lead.objects.get(pk=made.lead_id)
    assert (lead.email, lead.email_key) == ("Ada@Example.COM", "ada@example.com")
    assert (lead.phone, lead.phone_e164) == ("(660) 485-0224", "+16604850224")
    assert lead.company is not None and lead.company.name == "Analytical Engines, Inc."
    assert lead.domain == "engines.example"
    assert (lead.stage, lead.pool, lead.owner_id) == ("lead", "lead", None)
    assert [t.tag.name for t in LeadTag.objects.select_related("tag")] == ["Budget clear"]
    assert TimelineEntry.objects.get(lead_id=lead.pk, kind="captured").actor_id == zoe.pk


def test_a_known_identity_fills_blanks_overwrites_nothing_and_leaves_a_touch(
    workspace: Workspace, zoe: Member
) -> None:
    (first,) = arrive({"name": "Ada", "email": "ada@example.com"}, actor=zoe)
    (again,) = arrive(
        {"name": "Somebody else", "email": "ADA@example.com", "phone": "+86 138 0013 8000", "pain": "Slow"},
        actor=zoe,
    )
    assert (again.status, again.lead_id) == ("merged", first.lead_id)
    assert set(again.filled) >= {"phone", "pain"}
    lead = Lead.objects.get()
    assert (lead.name, lead.phone_e164, lead.pain) == ("Ada", "+8613800138000", "Slow")
    assert Touch.objects.get(lead=lead).kind == "api"
    # The phone it brought is known from now on.
    (third,) = arrive({"name": "x", "phone": "+8613800138000"}, actor=zoe)
    assert third.lead_id == lead.pk


def test_one_set_may_hold_the_same_lead_several_times(workspace: Workspace) -> None:
    found = arrive(
        {"name": "A", "email": "a@example.com"},
        {"name": "B", "phone": "+8613800138000"},
        {"name": "AB", "email": "a@example.com", "phone": "+8613800138000"},
        {"name": "C", "email": "c@example.com"},
    )
    assert [one.status for one in found] == ["created", "merged", "merged", "created"]
    assert len({one.lead_id for one in found[:3]}) == 1
    assert Lead.objects.count() == 2


def test_an_external_id_is_an_identity_within_its_channel(workspace: Workspace) -> None:
    found = arrive(
        {"name": "A", "external_id": "7", "channel": "Ads"},
        {"name": "B", "external_id": "7", "channel": "Fair"},
        {"name": "C", "external_id": "7", "channel": "ads"},
    )
    assert [one.status for one in found] == ["created", "created", "merged"]
    assert set(Channel.objects.filter(name__in=["Ads", "Fair"]).values_list("kind", flat=True)) == {
        "ads",
        "other",
    }


def test_what_nobody_can_reach_is_rejected_with_the_reason_and_nothing_else_is_lost(
    workspace: Workspace,
) -> None:
    lost, phone, kept = arrive(
        {"name": "Nobody"},
        {"name": "Wrong", "phone": "12"},
        {"name": "Ada", "email": "ada@example.com"},
    )
    assert (lost.status, lost.errors[0]["code"]) == ("rejected", "unreachable")
    assert (phone.status, phone.errors[0]["field"]) == ("rejected", "phone")
    assert kept.status == "created"
    assert Lead.objects.count() == 1


def test_companies_are_joined_by_name_without_legal_form(workspace: Workspace) -> None:
    arrive(
        {"name": "A", "email": "a@x.example", "company": "华为技术有限公司"},
        {"name": "B", "email": "b@x.example", "company": "华为技术"},
        {"name": "C", "email": "c@x.example", "company": "Acme GmbH"},
    )
    assert sorted(Company.objects.values_list("name", flat=True)) == ["Acme GmbH", "华为技术有限公司"]


@pytest.mark.parametrize("count", [1, 300])
def test_capture_costs_a_fixed_number_of_statements(
    workspace: Workspace, zoe: Member, count: int, django_assert_max_num_queries
) -> None:
    rows = [{"name": f"N{i}", "email": f"n{i}@example.com", "company": f"C{i}"} for i in range(count)]
    items = [incoming_from(row) for row in rows]
    with django_assert_max_num_queries(45):
        capture(items, source=API, as_of=NOW, actor=zoe)


@pytest.mark.django_db(transaction=True)
def test_two_sets_at_once_enter_nobody_twice_and_do_not_deadlock() -> None:
    made = create_workspace("Acme", slug="acme", email="a@acme.test", password="correct horse battery")
    failures: list[BaseException] = []
    answers: list[str] = []

    def run(order: int) -> None:
        try:
            with enter(made.workspace):
                rows = [
                    {"name": "N", "email": f"n{i}@example.com", "company": f"C{i % 7}"} for i in range(200)
                ]
                found = capture(
                    [incoming_from(r) for r in rows[::order]],
                    source=API,
                    as_of=NOW + timedelta(seconds=order),
                    actor=None,
                )
                answers.extend(one.status for one in found)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (answers.count("created"), answers.count("merged")) == (200, 600)
    with enter(made.workspace):
        assert Lead.objects.count() == 200
        assert Identity.objects.count() == 200
