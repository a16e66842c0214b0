"""Addresses of leads and of everything around them."""

from leads.api import catalogue, duplicates, leads, lookup, merges, pursuit, rules, settings
from workspaces.rest import Route

routes: list[Route] = [
    *lookup.routes,
    *leads.routes,
    *pursuit.routes,
    *merges.routes,
    *duplicates.routes,
    *catalogue.routes,
    *settings.routes,
    *rules.routes,
]
