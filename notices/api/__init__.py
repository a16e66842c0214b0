"""Addresses of notices and of outgoing webhooks."""

from notices.api import notices, webhooks
from workspaces.rest import Route

routes: list[Route] = [*notices.routes, *webhooks.routes]
