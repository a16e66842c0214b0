"""visits/{token}/: what visitors of a website did who agreed to be recognised and said who they are by a form."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions.submit import Sent, enter_by, submit
from intake.actions.visit import LONGEST, MOST_EVENTS, NOTICED, forget_visitor, visited
from intake.api.capture import VISITOR, Submission
from intake.asking import CONSENT, own_page_only
from intake.forms import STAMP
from leads.attribution import UTM
from workspaces.parsing import StrictJson
from workspaces.refusals import Invalid
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape
from workspaces.throttling import PublicVisits, address_of


class PlainJson(StrictJson):
    """What a page sends as it is left comes as plain text: a browser asks nobody's leave for that."""

    media_type = "text/plain"


class EventShape(Shape):
    kind = serializers.ChoiceField(NOTICED)
    at = serializers.DateTimeField(required=False)
    data = serializers.DictField(
        required=False, child=serializers.CharField(allow_blank=True, max_length=4000)
    )


class VisitShape(Shape):
    visitor = serializers.RegexField(VISITOR.pattern + r"\Z", max_length=64)
    events = EventShape(many=True, required=False, max_length=MOST_EVENTS)
    answers: Any = serializers.DictField(
        required=False,
        child=serializers.CharField(allow_blank=True, max_length=5000),
        help_text="Of a form on the site itself, by the names of a lead's fields; others are left out. `consent`: "
        "a box beside the channel's consent text, that was ticked.",
    )
    page = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    withdraw = serializers.BooleanField(required=False, help_text="This browser shall be recognised no more.")

    def to_internal_value(self, data: Any) -> Any:
        """An answer is not lost for an event beside it that is none."""
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as fault:
            if set(fault.detail) != {"events"} or not data.get("answers"):
                raise
        return super().to_internal_value({name: data[name] for name in data if name != "events"})


class Visits(ApiView):
    """Page views and answers of a browser whose user agreed. Whoever is not known leaves nothing.

    The answer is always the same.
    """

    needs = "public"
    authentication_classes = ()
    parser_classes = [PlainJson, StrictJson]
    throttle_classes = (PublicVisits,)
    serializer_class = VisitShape
    most_bytes = 64 * 1024

    @extend_schema(
        request={"application/json": VisitShape, "text/plain": OpenApiTypes.STR}, responses={204: None}
    )
    def post(self, request: Request, token: str) -> Response:
        channel = enter_by(token)
        given = self.valid()
        visitor = given["visitor"]
        if given.get("withdraw"):
            forget_visitor(visitor)
            return Response(status=204)
        if given.get("answers"):  # first: what comes with it is done by somebody known
            self.answered(channel, given)
        if events := [cleaned(one) for one in given.get("events", ())]:
            visited(channel, visitor, events, as_of=self.as_of)
        return Response(status=204)

    def answered(self, channel: Any, given: dict[str, Any]) -> None:
        """A form of the site's own: what can't be a lead is dropped, for nobody is there to mend it.

        It carries no stamp of ours: a channel may want none of such. To be recognised is one thing, the channel's
        consent text another: only a box in that form agrees to it.
        """
        if own_page_only(channel):
            return
        names = set(Submission().fields) - {"attributes", CONSENT, "visitor", "page", STAMP}
        data = {name: value for name, value in given["answers"].items() if name in names and value}
        notes = {name: data.pop(name, "") for name in (*UTM, "referrer")} | without_query(
            given.get("page", "")
        )
        box = given["answers"].get(CONSENT)
        consent = None if box is None else box.strip() in serializers.BooleanField.TRUE_VALUES
        sent = Sent(notes, consent, address_of(self.request._request), given["visitor"], recognised=True)
        try:
            submit(channel, data, sent, as_of=self.as_of)
        except Invalid:
            return


def cleaned(event: dict[str, Any]) -> dict[str, Any]:
    """An event with its page but without what else stood in the address: that may be anything."""
    data = event.get("data", {})
    kept = without_query(data.get("url", ""))
    kept |= {name: data[name][:LONGEST] for name in ("title", "file") if data.get(name)}
    if referrer := without_query(data.get("referrer", "")).get("page"):
        kept["referrer"] = referrer
    at = event.get("at")
    return {"kind": event["kind"], "at": at.isoformat() if at else "", "data": kept}


def without_query(url: str) -> dict[str, str]:
    """{"page", utm_* …} of an address; nothing for what is none."""
    try:
        parts = urlsplit(url[:2000])
    except ValueError:
        return {}
    if parts.scheme not in ("http", "https"):
        return {}
    query = parse_qs(parts.query)
    found = {"page": f"{parts.scheme}://{parts.netloc}{parts.path}"[:LONGEST]}
    return found | {name: query[name][0][:LONGEST] for name in UTM if query.get(name)}


routes: list[Route] = [("visits/<str:token>/", Visits.as_view(), "visits")]
