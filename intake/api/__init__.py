"""The API of lists, files going out, forms, visits, recommendations, webhooks and sources of facts."""

from intake.api.capture import routes as capture_routes
from intake.api.deliveries import routes as delivery_routes
from intake.api.enrichment import routes as enrichment_routes
from intake.api.exports import routes as export_routes
from intake.api.hooks import routes as hook_routes
from intake.api.imports import routes as import_routes
from intake.api.referrals import routes as referral_routes
from intake.api.submissions import routes as submission_routes
from intake.api.visits import routes as visit_routes
from workspaces.rest import Route

routes: list[Route] = [
    *capture_routes,
    *visit_routes,
    *hook_routes,
    *import_routes,
    *export_routes,
    *referral_routes,
    *submission_routes,
    *delivery_routes,
    *enrichment_routes,
]
