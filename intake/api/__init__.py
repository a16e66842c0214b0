"""imports/, exports/ and capture/ of the API."""

from intake.api.capture import routes as capture_routes
from intake.api.exports import routes as export_routes
from intake.api.imports import routes as import_routes
from workspaces.rest import Route

routes: list[Route] = [*import_routes, *export_routes, *capture_routes]
