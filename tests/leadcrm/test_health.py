"""The three addresses for machines."""

import pytest
from django.test import Client


def test_healthz_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_readyz_names_what_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "ok", "migrations": "ok"}


@pytest.mark.django_db
def test_readyz_without_a_broker_is_503(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (503, "unreachable")


def test_metrics_count_requests_by_route(client: Client) -> None:
    client.get("/healthz")
    told = client.get("/metrics").content.decode()
    assert 'leadcrm_request_seconds_count{method="GET",route="healthz",status="200"}' in told
