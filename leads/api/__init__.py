"""Addresses of leads and of everything around them."""

from leads.api import catalogue, leads, merges, pursuit, rules, settings
from workspaces.rest import Route

routes: list[Route] = [
    *leads.routes,
    *pursuit.routes,
    *merges.routes,
    *catalogue.routes,
    *settings.routes,
    *rules.routes,
]
