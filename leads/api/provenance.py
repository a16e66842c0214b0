"""leads/{id}/provenance/: who or what filled each field of a lead, and when."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.duplicates import custom_labels
from leads.api.shapes import moment, seen
from leads.models import Lead
from leads.provenance import names_of, origins, said
from leads.telling import label
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape


class OriginShape(Shape):
    """Where the value of one filled field comes from."""

    field = seen(help_text="A field of the lead; `attributes.<key>` for a custom one.")  # type: ignore[assignment]
    label = seen()  # type: ignore[assignment]
    source: Any = seen(
        help_text="`api`, `form`, `import`, `hand`, `webhook` (it came in so), `edit` (a member wrote it), "
        "`enrichment` (a source outside filled it)."
    )
    what = seen(help_text="Which form, file, channel or source of facts.")
    ref = seen(help_text="The id of the import or of the source of facts; may be empty.")
    by = serializers.UUIDField(read_only=True, allow_null=True, help_text="The member.")
    by_name = seen()
    at = serializers.DateTimeField(read_only=True)
    merged_at = moment(help_text="When it came over with a lead that was taken up.")
    text = seen(help_text="All this in words.")


class Provenance(ApiView):
    model = Lead
    serializer_class = OriginShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(operation_id="lead_provenance", responses=OriginShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        lead = Lead.objects.filter(pk=pk).first()
        if lead is None:
            raise NotThere(_("There is nothing at this address."))
        return Response([self.shown(one) for one in told(lead)])


def told(lead: Lead) -> list[dict[str, Any]]:
    """The origins of a lead's fields as people and programs read them."""
    found = origins(lead)
    names = names_of(found.values())
    labels = custom_labels() if any(name.startswith("attributes.") for name in found) else {}
    return [
        {
            "field": name.removesuffix("_id") if name != "external_id" else name,
            "label": labels.get(name.removeprefix("attributes."), "") or label(name),
            "source": origin.source,
            "what": origin.what,
            "ref": origin.ref,
            "by": origin.by,
            "by_name": names.get(str(origin.by), "") if origin.by else "",
            "at": origin.at,
            "merged_at": origin.merged,
            "text": said(origin, names),
        }
        for name, origin in found.items()
    ]


routes: list[Route] = [("leads/<uuid:pk>/provenance/", Provenance.as_view(), "lead-provenance")]
