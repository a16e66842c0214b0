"""A workspace that is really committed, for tests with threads of their own."""

import pytest

from workspaces.models import Workspace


@pytest.fixture
def open_workspace(transactional_db: None) -> Workspace:
    from tests.cast import PASSWORD
    from workspaces.actions import create_workspace

    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace
