"""What every test stands on: real servers, a migrated database of its own, clean between tests."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from django.utils import translation

from leadcrm import messages
from tests import ground

pytest_plugins = ["tests.cast", "tests.browser", "tests.programs", "tests.visits"]


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["tests.hashing.QuickHasher"]
    if not hasattr(config, "workerinput"):
        messages.compile_all(stale_only=True)
    ground.use_own_broker_database(getattr(config, "workerinput", {}).get("workerid", "master"))
    # The program's role may not TRUNCATE: between transactional tests the owner does it.
    TransactionTestCase._fixture_teardown = lambda self: ground.empty_tables()  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def servers() -> Iterator[None]:
    """PostgreSQL and Valkey: those of DATABASE_URL / REDIS_URL, else embedded in ``.data/test``."""
    with ground.servers_at_hand():
        yield


@pytest.fixture(scope="session")
def django_db_setup(servers: None, worker_id: str, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """A database of this test process, migrated by the owner; tests then run as ``leadcrm_app``."""
    with django_db_blocker.unblock():
        name = ground.make_database(worker_id)
    yield
    with django_db_blocker.unblock():
        ground.drop_database(name)


@pytest.fixture(autouse=True)
def _first_language() -> None:
    """A page that was asked for in Chinese leaves its thread in Chinese; the next test begins anew."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Throttles and cached figures of one test are not the next one's."""
    if "django_db_setup" in request.fixturenames or "servers" in request.fixturenames:
        cache.clear()
