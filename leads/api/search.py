"""search/: leads, companies and people by what was meant."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.shapes import seen
from leads.finding import LONGEST, find
from leads.models import Company, Contact, Lead, LeadContact
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape

MOST = 20


class FoundLead(Shape):
    id = serializers.UUIDField(read_only=True)
    name = seen()
    company = seen()
    stage = seen()
    grade = seen()
    score = serializers.IntegerField(read_only=True)
    owner = serializers.UUIDField(read_only=True, allow_null=True)


class FoundCompany(Shape):
    id = serializers.UUIDField(read_only=True)
    name = seen()
    region = seen()


class FoundPerson(Shape):
    """Somebody at a company, and the pursuits they take part in. How to reach them is not shown here."""

    id = serializers.UUIDField(read_only=True)
    name = seen()
    title = seen()
    company = seen()
    leads: Any = serializers.ListField(child=serializers.UUIDField(), read_only=True)


class FoundShape(Shape):
    leads = FoundLead(many=True, read_only=True)
    companies = FoundCompany(many=True, read_only=True)
    people = FoundPerson(many=True, read_only=True)


class Search(ApiView):
    """One box: names, e-mails, phones, in part, in pinyin (full or initials), or with a letter typed wrong."""

    model = Lead
    serializer_class = FoundShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(
        operation_id="search",
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description=f"At most {LONGEST} signs count.")],
        responses=FoundShape,
    )
    def get(self, request: Request) -> Response:
        found = find(request.query_params.get("q", "").replace("\0", ""), MOST, self.member)
        told = {"leads": leads(found["lead"]), "companies": companies(found["company"])}
        return Response(self.shown(told | {"people": people(found["person"])}))


def leads(ids: list[Any]) -> list[dict[str, Any]]:
    rows = Lead.objects.filter(pk__in=ids).select_related("company").order_by("-score", "-id") if ids else []
    return [
        {
            **{name: getattr(lead, name) for name in ("id", "name", "stage", "grade", "score")},
            "company": lead.company.name if lead.company else "",
            "owner": lead.owner_id,
        }
        for lead in rows
    ]


def companies(ids: list[Any]) -> list[Company]:
    found = Company.objects.in_bulk(ids) if ids else {}
    return [found[pk] for pk in ids if pk in found]


def people(ids: list[Any]) -> list[dict[str, Any]]:
    found = Contact.objects.select_related("company").in_bulk(ids) if ids else {}
    pursuits: dict[Any, list[Any]] = {}
    for contact, lead in LeadContact.objects.filter(contact_id__in=list(found)).values_list(
        "contact_id", "lead_id"
    ):
        pursuits.setdefault(contact, []).append(lead)
    return [
        {
            "id": pk,
            "name": found[pk].name,
            "title": found[pk].title,
            "company": str(found[pk].company or ""),
            "leads": list(dict.fromkeys(pursuits.get(pk, []))),
        }
        for pk in ids
        if pk in found
    ]


routes: list[Route] = [("search/", Search.as_view(), "search")]
