"""capture/{token}/ and referrals/{token}/: public forms. Known and unknown people get the same answer."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions.submit import Sent, enter_by, enter_by_link, submit
from intake.asking import CONSENT, own_page_only, read, said_by, texts, title_of
from intake.forms import STAMP, TRAP, PublicForm, answer_of, stamp, stamp_fault
from intake.models import ReferralLink
from leads.api.forms import SITE
from leads.attribution import SAID
from leads.models import Channel, CustomField
from workspaces.parsing import StrictJson, storable
from workspaces.refusals import Invalid, Refusal
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape
from workspaces.tenancy import current_workspace
from workspaces.throttling import Public, address_of

VISITOR = re.compile(r"[A-Za-z0-9_-]{22,64}")
LANGUAGE = OpenApiParameter("lang", OpenApiTypes.STR, description="The language of the form, such as zh-CN.")
EMBED = OpenApiParameter(
    "embed", OpenApiTypes.BOOL, description="The form by itself, for another site's page."
)


def text(longest: int, **more: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=longest, **more)


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
    employees = text(100, help_text="A number, or one of the form's choices.")
    budget_amount = text(
        100, help_text="In the workspace's currency; a number, or one of the form's choices."
    )
    authority = text(20)
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
    page = text(2000, help_text="The page on which the form stands.")
    visitor = text(64, help_text="The key of a browser whose user agreed to be recognised.")
    opened = text(
        300, help_text="The signed time at which the form was shown: needed where only its own page counts."
    )


# Made once: to copy two dozen fields for every answer takes longer than to check it. It keeps nothing of an answer.
ANSWER = Submission()


class Received(Shape):
    status = serializers.CharField(default="received")


class Capture(ApiView):
    """A form to fill in (GET), and its answers (POST, as a form or as JSON). No key, no account.

    An answer is checked and stored; a moment later it is a lead, or a touch of a known one.
    """

    needs = "public"
    authentication_classes = ()
    parser_classes = [StrictJson, FormParser, MultiPartParser]
    serializer_class = Received
    most_bytes = 256 * 1024
    token = ""
    link: ReferralLink | None = None

    def get_throttles(self) -> list[Any]:
        return [Public()] if self.request.method == "POST" else []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.token = kwargs["token"]
        self.channel = self.find()
        wanted = request.query_params.get("lang", "")
        if wanted or not request.headers.get("Accept-Language"):
            translation.activate(known_language(wanted) or current_workspace().locale)

    def find(self) -> Channel:
        return enter_by(self.token)

    def handle_exception(self, error: Exception) -> Response:
        """People get a page, programs a problem."""
        answer = super().handle_exception(error)
        if not self.for_people() or isinstance(error, Invalid):
            return answer
        words = error.message if isinstance(error, Refusal) else ""
        if isinstance(error, Throttled):
            words = _("Too many answers have come in. Please try again in a minute.")
        page: Any = render(
            plain(self.request), "intake/form_note.html", {"text": words}, status=answer.status_code
        )
        if "Retry-After" in answer:
            page["Retry-After"] = answer["Retry-After"]
        return page

    def for_people(self) -> bool:
        sent = (self.request.content_type or "").startswith(("application/x-www-form", "multipart/"))
        return self.request.method in ("GET", "HEAD") or sent

    @extend_schema(parameters=[LANGUAGE, EMBED], responses={(200, "text/html"): OpenApiTypes.STR})
    def get(self, request: Request, token: str) -> HttpResponseBase:
        form = PublicForm(self.channel, CustomField.objects.all())
        notes = {name: request.query_params.get(name, "") for name in SAID}
        notes["referrer"] = notes["referrer"] or request.headers.get("Referer", "")
        return self.page(form, notes)

    @extend_schema(
        parameters=[LANGUAGE, EMBED],
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
        given = dict(ANSWER.run_validation(numbers_as_text(request.data)))
        if fault := self.stamp_fault(given.pop(STAMP, "")):
            raise Invalid.field(STAMP, fault, "stamp")
        notes = {name: given.pop(name, "") for name in SAID}
        consent, visitor = bool(given.pop(CONSENT, False)), given.pop("visitor", "")
        submit(self.channel, given, self.sent(notes, consent, visitor), as_of=self.as_of)
        return Response({"status": "received"}, status=202)

    def answered(self, request: Request) -> HttpResponseBase:
        for name, values in request.data.lists():
            storable([name, *(value for value in values if isinstance(value, str))])
        notes = {name: request.data.get(name, "") for name in SAID}
        custom = list(CustomField.objects.all())
        form = PublicForm(self.channel, custom, request.data)
        if request.data.get(TRAP):  # only a program fills in what nobody sees
            return self.thanks()
        if fault := self.stamp_fault(request.data.get(STAMP, "")):
            form.is_valid()
            form.add_error(None, fault)
            return self.page(form, notes, 422)
        if not form.is_valid():
            return self.page(form, notes, 422)
        sent = self.sent(notes, bool(form.cleaned_data.get(CONSENT)), request.data.get("visitor", ""))
        try:
            recognised = submit(self.channel, answer_of(form, custom), sent, as_of=self.as_of)
        except Invalid as wrong:
            form.blame(wrong.errors)
            return self.page(form, notes, 422)
        return self.thanks(recognised=recognised)

    def stamp_fault(self, given: str) -> str:
        """Our own page carries a stamp, in a frame on another site, too; the channel says whether others' forms and
        programs, which have none, may send."""
        return stamp_fault(given, self.token, needed=self.embedded or own_page_only(self.channel))

    def sent(self, notes: dict[str, str], consent: bool, visitor: str) -> Sent:
        known = visitor if VISITOR.fullmatch(visitor) else ""
        return Sent(notes, consent, address_of(plain(self.request)), known, self.link)

    @property
    def embedded(self) -> bool:
        return bool(self.request.query_params.get("embed"))

    def page(self, form: PublicForm, notes: dict[str, str], status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "title": title_of(self.channel),
            "intro": said_by(self.channel, "intro"),
            "button": said_by(self.channel, "button"),
            "notes": {name: value for name, value in notes.items() if value},
            "stamp": stamp(self.token),
            "trap": TRAP,
            "action": self.request.get_full_path(),
        }
        return self.shown_to_people("intake/form.html", context, status)

    def thanks(self, *, recognised: bool = False) -> HttpResponse:
        """``recognised``: the frame may tell the page around it that this browser is known from now on."""
        context = {"thanks": said_by(self.channel, "thanks"), "recognised": recognised}
        return self.shown_to_people("intake/form_thanks.html", context)

    def shown_to_people(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        frame = "intake/embedded.html" if self.embedded else "signed_out.html"
        more = {"frame": frame, "embedded": self.embedded, "link": self.link, "channel": self.channel}
        answer = render(plain(self.request), template, context | more, status=status)
        if self.embedded:
            allow_embedding(answer, self.channel)
        return answer


class Referral(Capture):
    """The short form behind a colleague's own link: who answers it was recommended by them."""

    def find(self) -> Channel:
        self.link = enter_by_link(self.token)
        return self.link.channel


def allow_embedding(answer: HttpResponse, channel: Channel) -> None:
    """This page, and no other, may stand in a frame: on the sites that were named, on any when none was."""
    sites = sites_of(channel)
    answer.xframe_options_exempt = True  # type: ignore[attr-defined]
    policy = settings.SECURE_CSP | {"frame-ancestors": sites or ["*"]}
    answer._csp_config = policy  # type: ignore[attr-defined]


def sites_of(channel: Channel) -> list[str]:
    """The origins on which a channel's form may be embedded; what is no origin is left out."""
    return [site for site in texts(read(channel).get("sites")) if SITE.fullmatch(site)][:50]


def known_language(wanted: str) -> str:
    """The language of ours that a visitor asks for; "" when we have none like it."""
    wanted = wanted.strip().lower().replace("_", "-")[:20]
    try:
        return translation.get_supported_language_variant(wanted) if wanted else ""
    except LookupError:
        return ""


def numbers_as_text(data: Any) -> Any:
    """Whole numbers may be given as numbers; choices of a form are texts."""
    if not isinstance(data, dict):
        return data
    numbers = {
        name: str(data[name])
        for name in ("employees", "budget_amount")
        if isinstance(data.get(name), int) and not isinstance(data.get(name), bool)
    }
    return data | numbers


def plain(request: Request) -> HttpRequest:
    return request._request


routes: list[Route] = [
    ("capture/<str:token>/", Capture.as_view(), "capture"),
    ("referrals/<str:token>/", Referral.as_view(), "referral"),
]
