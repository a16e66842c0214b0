"""Values to choose from while somebody types one into a condition."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from leads.looking_ahead import values_like
from workspaces.permissions import require


@require_safe
def values(request: HttpRequest, slug: str) -> JsonResponse:
    """``?field=industry&q=ste``: {"values": [...]}, at most 20."""
    require(request.member, "read")
    return JsonResponse({"values": values_like(request.GET.get("field", ""), request.GET.get("q", ""))})
