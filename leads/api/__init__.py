"""Addresses of leads and of everything around them."""

from leads.api import (
    assessment,
    attribution,
    cases,
    catalogue,
    deals,
    duplicates,
    leads,
    lookup,
    merges,
    playbooks,
    provenance,
    pursuit,
    rules,
    search,
    settings,
    summary,
    talking,
    values,
)
from workspaces.rest import Route

routes: list[Route] = [
    *lookup.routes,
    *values.routes,
    *search.routes,
    *leads.routes,
    *pursuit.routes,
    *attribution.routes,
    *provenance.routes,
    *assessment.routes,
    *playbooks.routes,
    *talking.routes,
    *summary.routes,
    *deals.routes,
    *merges.routes,
    *duplicates.routes,
    *catalogue.routes,
    *cases.routes,
    *settings.routes,
    *rules.routes,
]
