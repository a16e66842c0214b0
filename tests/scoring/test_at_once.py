"""Two who change the rules at once, and leads that are on their way in while others change them."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from leads.actions import capture
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from scoring.actions import activate, anew_due, new_card, write_rules
from scoring.models import Rule, Scorecard
from tests.cast import NOW
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

V1 = "/api/v1/scorecards/"
SAAS = rule("fit", 15, "industry", "eq", "saas")


def side_by_side(*work: Callable[[], None]) -> None:
    def run(one: Callable[[], None]) -> None:
        try:
            one()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_of_rules_that_are_added_at_once_none_is_lost(open_workspace: Workspace, api: Callable) -> None:
    with enter(open_workspace):
        alice = Member.objects.select_related("user").get()
        card = new_card(as_of=NOW, actor=alice, **SETTINGS)
    answers: list[int] = []

    def add(points: int) -> Callable[[], None]:
        client = api(alice)
        given = SAAS | {"points": points}
        return lambda: answers.append(client.post(f"{V1}{card.pk}/rules/", given, format="json").status_code)

    side_by_side(*(add(points) for points in range(1, 7)))
    assert answers == [201] * 6
    with enter(open_workspace):
        found = Rule.objects.filter(scorecard=card).order_by("points").values_list("points", flat=True)
        assert list(found) == [1, 2, 3, 4, 5, 6]


def test_a_rule_keeps_its_id_while_others_change(alice: Member) -> None:
    card = new_card(as_of=NOW, actor=alice, **SETTINGS)
    write_rules(card, [SAAS, SAAS | {"points": 3}], as_of=NOW, actor=alice)
    _first, second = Rule.objects.filter(scorecard=card).order_by("position").values_list("pk", flat=True)
    write_rules(card, [SAAS | {"points": 3}, SAAS | {"points": 20}], as_of=NOW, actor=alice)
    after = dict(Rule.objects.filter(scorecard=card).values_list("points", "pk"))
    assert after[3] == second  # it only moved
    assert len(set(after.values())) == 2
    write_rules(card, [SAAS | {"points": 4}, SAAS | {"points": 20}], as_of=NOW, actor=alice)
    again = dict(Rule.objects.filter(scorecard=card).values_list("points", "pk"))
    assert again == {4: second, 20: after[20]}  # changed in its place


def test_a_lead_on_its_way_in_is_scored_by_the_card_that_came_meanwhile(open_workspace: Workspace) -> None:
    written, activated = threading.Event(), threading.Event()
    with enter(open_workspace):
        in_force(SAAS)
        card = new_card(as_of=NOW, actor=None, **SETTINGS)
        write_rules(card, [SAAS | {"points": 18}], as_of=NOW, actor=None)

    def arrive() -> None:
        with enter(open_workspace):
            capture([incoming_from({"email": "a@x.example", "industry": "SaaS"})], source=Source("api"),
                    as_of=NOW, actor=None)  # fmt: skip
            written.set()
            assert activated.wait(30)

    def change() -> None:
        assert written.wait(30)
        try:
            with enter(open_workspace):
                activate(Scorecard.objects.get(pk=card.pk), as_of=NOW, actor=None)
        finally:
            activated.set()

    side_by_side(arrive, change)
    with enter(open_workspace):
        assert Lead.objects.get().score == 15  # nobody saw it
    anew_due(open_workspace, NOW + timedelta(minutes=2))
    with enter(open_workspace):
        lead = Lead.objects.get()
        assert (lead.score, lead.scorecard_id) == (18, card.pk)
