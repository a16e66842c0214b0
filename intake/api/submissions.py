"""submissions/: answers to forms as they were sent, what became of them, and once more."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions.failed import find_answer, replay_answer, replay_answers
from intake.api.deliveries import parameter
from intake.models import Submission, SubmissionKind, SubmissionStatus
from leads.models import Channel
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


class SentShape(RowShape):
    channel = serializers.UUIDField(source="channel_id", read_only=True)
    received_at = serializers.DateTimeField(read_only=True)
    status = serializers.CharField(read_only=True, help_text="waiting, done or failed")
    why = serializers.CharField(source="last_error", read_only=True, help_text="Why it could not be entered.")
    lead = serializers.UUIDField(source="lead_id", read_only=True, allow_null=True)
    answers: Any = serializers.DictField(
        source="data", read_only=True, help_text="By the names of a lead's fields."
    )
    notes: Any = serializers.DictField(read_only=True, help_text="Where from: utm_*, referrer, page.")


class Submissions(Listed, Retrieved, ApiViewSet):
    """Answers to forms, newest first: kept for 30 days, those that could not be entered for 90."""

    model = Submission
    serializer_class = SentShape
    needs = {"GET": "see_contact_data"}
    ordering, orderings = "-received_at", ("received_at",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(kind=SubmissionKind.ANSWER)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if status := choice(self.request, "status", SubmissionStatus.values):
            queryset = queryset.filter(status=status)
        if channel := self.request.query_params.get("channel"):
            queryset = queryset.filter(channel_id=as_id("channel", channel))
        return queryset

    @extend_schema(
        parameters=[
            parameter("channel", "A channel's id.", OpenApiTypes.UUID),
            parameter("status", "waiting, done or failed"),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class ReplayOne(ApiView):
    """Take an answer that could not be entered in once more."""

    model = Submission
    serializer_class = SentShape
    needs = {"POST": "channels"}

    @extend_schema(operation_id="submission_replay", request=None, responses={202: SentShape})
    def post(self, request: Request, pk: UUID) -> Response:
        replay_answer(find_answer(pk), as_of=self.as_of, actor=self.member)
        return Response(self.shown(find_answer(pk)), status=202)


class OfWhich(Shape):
    channel = Reference(Channel, required=False, allow_null=True, help_text="Of this channel alone.")


class TakenInAgain(Shape):
    replayed = serializers.IntegerField(read_only=True, help_text="Answers; at most 5,000 at a time.")


class ReplayAll(ApiView):
    """Take in every answer once more that could not be entered."""

    model = Submission
    serializer_class = OfWhich
    needs = {"POST": "channels"}

    @extend_schema(operation_id="submissions_replay", request=OfWhich, responses={202: TakenInAgain})
    def post(self, request: Request) -> Response:
        channel = self.valid().get("channel")
        many = replay_answers(channel=channel, as_of=self.as_of, actor=self.member)
        return Response({"replayed": many}, status=202)


routes: list[Route] = [
    ("submissions/replay/", ReplayAll.as_view(), "submissions-replay"),
    *resource("submissions", Submissions, "submission"),
    ("submissions/<uuid:pk>/replay/", ReplayOne.as_view(), "submission-replay"),
]
