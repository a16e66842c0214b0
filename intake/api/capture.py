"""capture/{token}/: the public form of a channel. Known and unknown people get the same answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions.submit import NOTED, enter_by, submit
from intake.forms import CONSENT, STAMP, TRAP, PublicForm, answer_of, stamp, stamp_fault
from leads.models import Channel, CustomField
from workspaces.parsing import StrictJson, storable
from workspaces.refusals import Invalid, Refusal
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape
from workspaces.tenancy import current_workspace
from workspaces.throttling import PerAddress


def text(longest: int) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=longest)


class Submission(Shape):
    name = text(200)
    title = text(200)
    email = text(254)
    phone = text(60)
    wechat = text(100)
    company = text(300)
    website = text(500)
    industry = text(200)
    region = text(200)
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    pain = text(5000)
    need_level = text(10)
    timeline_date = text(10)
    campaign = text(200)
    attributes = serializers.DictField(required=False, help_text="Custom fields by key.")
    consent = serializers.BooleanField(required=False, help_text="Agreed to the channel's consent text.")
    utm_source = text(300)
    utm_medium = text(300)
    utm_campaign = text(300)
    utm_term = text(300)
    utm_content = text(300)
    referrer = text(2000)


class Received(Shape):
    status = serializers.CharField(default="received")


class Capture(ApiView):
    """A form to fill in (GET), and its answers (POST, as a form or as JSON). No key, no account."""

    needs = "public"
    authentication_classes = ()
    parser_classes = [StrictJson, FormParser, MultiPartParser]
    serializer_class = Received
    most_bytes = 256 * 1024
    token = ""

    def get_throttles(self) -> list[Any]:
        return [PerAddress()] if self.request.method == "POST" else []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.token = kwargs["token"]
        self.channel = enter_by(self.token)
        if not request.headers.get("Accept-Language"):
            translation.activate(current_workspace().locale)

    def handle_exception(self, error: Exception) -> Response:
        """People get a page, programs a problem."""
        answer = super().handle_exception(error)
        if not self.for_people() or isinstance(error, Invalid):
            return answer
        words = error.message if isinstance(error, Refusal) else ""
        if isinstance(error, Throttled):
            words = _("Too many answers from your address. Please try again in a minute.")
        page: Any = render(
            plain(self.request), "intake/form_note.html", {"text": words}, status=answer.status_code
        )
        if "Retry-After" in answer:
            page["Retry-After"] = answer["Retry-After"]
        return page

    def for_people(self) -> bool:
        sent = (self.request.content_type or "").startswith(("application/x-www-form", "multipart/"))
        return self.request.method in ("GET", "HEAD") or sent

    @extend_schema(responses={(200, "text/html"): OpenApiTypes.STR})
    def get(self, request: Request, token: str) -> HttpResponseBase:
        form = PublicForm(self.channel, CustomField.objects.all())
        notes = {name: request.query_params.get(name, "") for name in NOTED}
        notes["referrer"] = notes["referrer"] or request.headers.get("Referer", "")
        return self.page(form, notes)

    @extend_schema(
        request={
            "application/json": Submission,
            "application/x-www-form-urlencoded": Submission,
            "multipart/form-data": Submission,
        },
        responses={202: Received, (200, "text/html"): OpenApiTypes.STR},
    )
    def post(self, request: Request, token: str) -> HttpResponseBase:
        if self.for_people():
            return self.answered(request)
        given = dict(self.valid(shape=Submission))
        notes = {name: given.pop(name, "") for name in NOTED}
        consent = bool(given.pop(CONSENT, False))
        submit(self.channel, given, notes=notes, consent=consent, as_of=self.as_of)
        return Response({"status": "received"}, status=202)

    def answered(self, request: Request) -> HttpResponseBase:
        for name, values in request.data.lists():
            storable([name, *(value for value in values if isinstance(value, str))])
        notes = {name: request.data.get(name, "") for name in NOTED}
        custom = list(CustomField.objects.all())
        form = PublicForm(self.channel, custom, request.data)
        if request.data.get(TRAP):  # only a program fills in what nobody sees
            return self.thanks()
        if fault := stamp_fault(request.data.get(STAMP, ""), self.token):
            form.is_valid()
            form.add_error(None, fault)
            return self.page(form, notes, 422)
        if not form.is_valid():
            return self.page(form, notes, 422)
        consent = bool(form.cleaned_data.get(CONSENT))
        try:
            submit(self.channel, answer_of(form, custom), notes=notes, consent=consent, as_of=self.as_of)
        except Invalid as wrong:
            form.blame(wrong.errors)
            return self.page(form, notes, 422)
        return self.thanks()

    def page(self, form: PublicForm, notes: dict[str, str], status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "channel": self.channel,
            "title": title_of(self.channel),
            "notes": {name: value for name, value in notes.items() if value},
            "stamp": stamp(self.token),
            "trap": TRAP,
            "action": self.request.get_full_path(),
        }
        return render(plain(self.request), "intake/form.html", context, status=status)

    def thanks(self) -> HttpResponse:
        return render(plain(self.request), "intake/form_thanks.html", {"channel": self.channel})


def title_of(channel: Channel) -> str:
    return channel.form.get("title") or _("Talk to us")


def plain(request: Request) -> HttpRequest:
    return request._request


routes: list[Route] = [("capture/<str:token>/", Capture.as_view(), "capture")]
