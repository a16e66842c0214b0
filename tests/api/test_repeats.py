"""The same POST sent twice at the same moment is done once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from leads.models import Lead
from workspaces.models import Member, RepeatedRequest
from workspaces.repeats import forget
from workspaces.tenancy import enter

AT_ONCE = 4


@pytest.mark.django_db(transaction=True)
def test_concurrent_repeats_wait_and_get_the_first_answer(elsewhere, api) -> None:
    with enter(elsewhere):
        client = api(Member.objects.get())
    start = Barrier(AT_ONCE)

    def send(_: int) -> tuple[int, str, str]:
        try:
            start.wait()
            body = {"email": "once@b.example"}
            answer = client.post("/api/v1/leads/", body, HTTP_IDEMPOTENCY_KEY="once")
            return answer.status_code, answer.json()["id"], answer["ETag"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = set(threads.map(send, range(AT_ONCE)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    with enter(elsewhere):
        assert Lead.objects.count() == 1


def test_answers_are_kept_for_a_day(alice: Member, api) -> None:
    client = api(alice)
    client.post("/api/v1/teams/", {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k")
    kept = RepeatedRequest.objects.get()
    assert forget(kept.created_at) == 0
    RepeatedRequest.objects.update(created_at=kept.created_at.replace(year=2020))
    assert client.post("/api/v1/teams/", {"name": "B"}, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    RepeatedRequest.objects.update(created_at=kept.created_at.replace(year=2020))
    assert forget(kept.created_at) == 1
