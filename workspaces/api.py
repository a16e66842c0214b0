"""Addresses of the workspace itself."""

from workspaces.rest import Route

routes: list[Route] = []
