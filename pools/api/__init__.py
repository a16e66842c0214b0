"""Addresses of the pools."""

from pools.api.floor import routes as floor
from pools.api.holding import routes as holding
from pools.api.keeping import routes as keeping
from pools.api.records import routes as records
from pools.api.rules import routes as rules
from workspaces.rest import Route

routes: list[Route] = [*holding, *keeping, *floor, *rules, *records]
