"""Addresses of the pools."""

from pools.api.floor import routes as floor
from pools.api.handovers import routes as handovers
from pools.api.holding import routes as holding
from pools.api.keeping import routes as keeping
from pools.api.records import routes as records
from pools.api.responses import routes as responses
from pools.api.rules import routes as rules
from workspaces.rest import Route

routes: list[Route] = [*holding, *handovers, *responses, *keeping, *floor, *rules, *records]
