"""hooks/{provider}/{token}/, where vendors send leads, and channels/{id}/hooks/, where their keys are set."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions import hook_of, keys_of, receive, set_keys, set_mapping
from intake.actions.hooks import KEYS, NEEDS
from intake.actions.submit import enter_by
from intake.hooks.proving import challenge, prove
from intake.hooks.sent import Provider, Sent
from intake.looking_back import sample_event
from intake.models import Hook
from leads.models import Channel
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape
from workspaces.throttling import PerSender

MOST_BYTES = 256 * 1024
PROVIDER = OpenApiParameter("provider", OpenApiTypes.STR, "path", enum=list(Provider.values))


class ReceivedHook(Shape):
    status = serializers.CharField(read_only=True, help_text="received, or known when it had come already")
    id = serializers.UUIDField(read_only=True, help_text="Of the delivery.")


class Hooks(ApiView):
    """Leads sent by a vendor, proven as it documents (POST), and its checks of the address (GET).

    A message is stored and answered at once; deliveries/ tells what became of it. 401: the signature is missing or
    wrong; 403: too old, or the channel has no secret for this vendor yet; 409: the very same signed message again.
    """

    needs = "public"
    authentication_classes = ()
    throttle_classes = (PerSender,)
    serializer_class = ReceivedHook
    most_bytes = MOST_BYTES

    def sent(self, request: Request) -> Sent:
        plain = request._request
        path = plain.get_full_path()
        return Sent(
            body=plain.body,
            headers={name.lower(): value for name, value in plain.headers.items()},
            query={name: plain.GET.get(name, "") for name in plain.GET},
            method=str(plain.method),
            # Behind a proxy the vendor knows another address than the one that was asked for.
            uris=tuple(dict.fromkeys((plain.build_absolute_uri(), settings.PUBLIC_URL + path))),
        )

    @extend_schema(parameters=[PROVIDER], responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, provider: str, token: str) -> HttpResponseBase:
        hook = hook_of(enter_by(token), provider)
        said = challenge(Provider(provider), self.sent(request), keys_of(hook))
        if isinstance(said, str):
            return HttpResponse(said, content_type="text/plain; charset=utf-8")
        return Response(said)

    @extend_schema(
        parameters=[PROVIDER],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: ReceivedHook},
    )
    def post(self, request: Request, provider: str, token: str) -> HttpResponseBase:
        hook, sent = hook_of(enter_by(token), provider), self.sent(request)
        proven = prove(Provider(provider), sent, keys_of(hook), self.as_of.timestamp())
        delivery, new = receive(hook, sent, proven, as_of=self.as_of)
        if provider == Provider.WECOM:
            return HttpResponse("success", content_type="text/plain")
        answer = {"status": "received" if new else "known", "id": str(delivery.pk)}
        return Response(answer | ({"code": 0} if provider == Provider.FEIYU else {}))


class HookShape(Shape):
    """Keys are written here and never read again: what is set shows its last characters."""

    provider = serializers.CharField(read_only=True)
    address = serializers.CharField(read_only=True, help_text="What the vendor sends to.")
    needs: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    secret = serializers.CharField(required=False, allow_blank=True, max_length=500)
    verify_token = serializers.CharField(required=False, allow_blank=True, max_length=500)
    access_token = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    account = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="A WeCom corp id."
    )
    mapping = serializers.DictField(
        required=False,
        child=serializers.CharField(allow_null=True, allow_blank=True),
        help_text='{the vendor\'s field: a field, "attributes.<key>", "new:<kind>", or null to leave it aside}.',
    )


class HookWithSecret(HookShape):
    made_secret = serializers.CharField(read_only=True, help_text="A secret made here: shown this once.")


def shown(hook: Hook, request: Request) -> dict[str, Any]:
    path = f"/api/v1/hooks/{hook.provider}/{hook.channel.token}/"
    return {
        "provider": hook.provider,
        "address": request._request.build_absolute_uri(path),
        "needs": list(NEEDS[hook.provider]),
        **{name: hidden(getattr(hook, name)) for name in KEYS},
        "mapping": hook.mapping,
    }


def hidden(key: str) -> str:
    """A key as it may be shown: that it is set, and how it ends."""
    if not key:
        return ""
    return "••••" + (key[-4:] if len(key) >= 12 else "")


class ChannelHooks(ApiView):
    """Every vendor this channel can hear from, and whether its keys are set."""

    model = Channel
    serializer_class = HookShape
    pagination_class = None
    needs = {"GET": "channels"}

    @extend_schema(operation_id="channel_hooks", responses=HookShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        channel = self.get_object()
        known = {hook.provider: hook for hook in Hook.objects.filter(channel=channel)}
        found = [known.get(one) or Hook(channel=channel, provider=one) for one in Provider.values]
        for hook in found:
            hook.channel = channel
        return Response([shown(hook, request) for hook in found])


class ChannelHook(ApiView):
    """The keys and fields of one vendor. What is not sent stays; an empty text removes a key."""

    model = Channel
    serializer_class = HookShape
    needs = {"GET": "channels", "PUT": "channels"}

    @extend_schema(operation_id="channel_hook", parameters=[PROVIDER], responses=HookShape)
    def get(self, request: Request, pk: UUID, provider: str) -> Response:
        return Response(shown(hook_of(self.get_object(), provider), request))

    @extend_schema(operation_id="channel_hook_set", parameters=[PROVIDER], responses=HookWithSecret)
    def put(self, request: Request, pk: UUID, provider: str) -> Response:
        hook = hook_of(self.get_object(), provider)
        given = dict(self.valid())
        mapping = given.pop("mapping", None)
        made = set_keys(hook, given, as_of=self.as_of, actor=self.member)
        if mapping is not None:
            sample = dict(sample_event(hook).fields)
            set_mapping(hook, mapping, sample, as_of=self.as_of, actor=self.member)
        answer = shown(hook, request)
        return Response(answer | ({"made_secret": made} if made else {}))


routes: list[Route] = [
    ("hooks/<str:provider>/<str:token>/", Hooks.as_view(), "hooks"),
    ("channels/<uuid:pk>/hooks/", ChannelHooks.as_view(), "channel-hooks"),
    ("channels/<uuid:pk>/hooks/<str:provider>/", ChannelHook.as_view(), "channel-hook"),
]
