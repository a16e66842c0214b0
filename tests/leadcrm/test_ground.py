"""The ground that tests stand on: the program's role, a clean start, a real broker."""

import pytest
from django.core.cache import cache
from django.db import connection

from workspaces.models import User


def query(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_runs_as_a_role_that_owns_nothing() -> None:
    assert query("SELECT current_user") == "leadcrm_app"
    assert query("SELECT count(*) FROM pg_class WHERE relowner = 'leadcrm_app'::regrole") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_committed_rows_are_gone_in_the_next_test(time: int) -> None:
    assert not User.objects.exists()
    User.objects.create(email=f"somebody{time}@acme.test")


@pytest.mark.django_db
def test_chinese_letters_make_trigrams() -> None:
    assert len(query("SELECT show_trgm('华为')")) > 0  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize("time", [1, 2])
def test_cache_is_empty_and_real(time: int) -> None:
    assert cache.get("seen") is None
    cache.set("seen", time)
    assert cache.get("seen") == time
