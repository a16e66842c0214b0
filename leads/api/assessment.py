"""leads/{id}/assessment/ and assessment-framework/: the questions of qualification and their answers."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads import frameworks
from leads.actions.assess import EVIDENCE, assess, change_framework, plain
from leads.assessment import Asked, assessment_of
from leads.models import Answer, Lead
from leads.models.assessment import Verdict
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, Route
from workspaces.shapes import RowShape, Shape


class AnswerShape(RowShape):
    """An answer with its signs, evidence and date. Facts go to the lead; the verdict follows from the signs."""

    question = serializers.CharField(max_length=40)
    verdict = serializers.ChoiceField(Verdict.choices, required=False, allow_blank=True)
    good = serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=30)
    bad = serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=30)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    facts = serializers.DictField(required=False)
    evidence = serializers.ChoiceField(list(EVIDENCE), required=False, allow_blank=True)
    evidence_id = serializers.UUIDField(required=False, allow_null=True)
    evidence_text = serializers.CharField(required=False, allow_blank=True, max_length=500)
    at = serializers.DateTimeField(required=False)
    member = serializers.UUIDField(source="member_id", read_only=True, allow_null=True)


class AskedShape(Shape):
    """A question, the signs to listen for, the facts known, and the latest answer (null: nobody asked yet)."""

    key = serializers.CharField()
    label = serializers.CharField()
    ask = serializers.CharField()
    good_signs = serializers.ListField(child=serializers.CharField())
    bad_signs = serializers.ListField(child=serializers.CharField())
    facts: Any = serializers.DictField()
    verdict = serializers.CharField()
    unknown = serializers.BooleanField()
    answers = serializers.IntegerField()
    answer = AnswerShape(allow_null=True)


class AssessmentShape(Shape):
    framework = serializers.CharField()
    questions = AskedShape(many=True)


class Assessment(ApiView):
    """What is known of a lead, question by question; what is unknown is there as well."""

    model = Lead
    serializer_class = AssessmentShape
    needs = {"GET": "read", "POST": "edit_leads"}

    def lead(self, lead_id: UUID) -> Lead:
        found = Lead.objects.filter(pk=lead_id).first()
        if found is None:
            raise NotThere(_("There is nothing at this address."))
        return found

    @extend_schema(operation_id="lead_assessment", responses=AssessmentShape)
    def get(self, request: Request, lead_id: UUID) -> Response:
        asked = [self.told(one) for one in assessment_of(self.lead(lead_id))]
        return Response({"framework": frameworks.active()[0], "questions": asked})

    @extend_schema(operation_id="lead_assess", request=AnswerShape, responses={201: AnswerShape})
    def post(self, request: Request, lead_id: UUID) -> Response:
        self.lead(lead_id)
        values = dict(self.valid(shape=AnswerShape))
        answer = assess(lead_id, values.pop("question"), **values, as_of=self.as_of, actor=self.member)
        return Response(AnswerShape(answer).data, status=201)

    def told(self, one: Asked) -> dict[str, Any]:
        return {
            **question_told(one.question),
            "facts": {name: plain(value) for name, value in one.known.items()},
            "verdict": one.verdict,
            "unknown": one.unknown,
            "answers": one.times,
            "answer": AnswerShape(one.answer).data if one.answer else None,
        }


def question_told(one: frameworks.Question) -> dict[str, Any]:
    return {
        "key": one.key,
        "label": str(one.label),
        "ask": str(one.ask),
        "good_signs": [str(sign) for sign in one.good],
        "bad_signs": [str(sign) for sign in one.bad],
    }


class Answers(ApiView):
    """Every answer that was ever given about a lead, the latest first."""

    model = Answer
    serializer_class = AnswerShape
    needs = {"GET": "read"}
    ordering, orderings = "-at", ("at",)

    @extend_schema(operation_id="lead_answers", responses=AnswerShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        if not Lead.objects.filter(pk=lead_id).exists():
            raise NotThere(_("There is nothing at this address."))
        found = self.paginate_queryset(self.get_queryset().filter(lead_id=lead_id))
        return self.get_paginated_response(self.shown(found, many=True))


class FrameworkShape(Shape):
    """`changes`: by question `{label, ask, good: [], bad: [], off}`; what is left out stays as it is."""

    template = serializers.ChoiceField(list(frameworks.TEMPLATES), required=False)
    changes: Any = serializers.DictField(required=False)
    templates = serializers.ListField(child=serializers.CharField(), read_only=True)
    questions = serializers.ListField(child=serializers.DictField(), read_only=True)


class AssessmentFramework(ApiView):
    """Which questions a workspace asks: the five, BANT or MEDDICC, each in its own words."""

    serializer_class = FrameworkShape
    needs = {"GET": "read", "PUT": "rules"}

    def told(self) -> dict[str, Any]:
        name, questions = frameworks.active()
        return {
            "template": name,
            "templates": list(frameworks.TEMPLATES),
            "questions": [question_told(one) for one in questions],
        }

    @extend_schema(operation_id="assessment_framework", responses=FrameworkShape)
    def get(self, request: Request) -> Response:
        return Response(self.told())

    @extend_schema(operation_id="assessment_framework_set", request=FrameworkShape, responses=FrameworkShape)
    def put(self, request: Request) -> Response:
        values = self.valid()
        change_framework(values.get("template"), values.get("changes"), as_of=self.as_of, actor=self.member)
        return Response(self.told())


routes: list[Route] = [
    ("leads/<uuid:lead_id>/assessment/", Assessment.as_view(), "lead-assessment"),
    ("leads/<uuid:lead_id>/answers/", Answers.as_view(), "lead-answers"),
    ("assessment-framework/", AssessmentFramework.as_view(), "assessment-framework"),
]
