"""Reports in the API: reports/{name}/, as JSON or as CSV."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from insights.diagnosis import diagnose
from insights.export import as_csv
from insights.pages.stages import figures
from insights.reports import LONGEST, REPORTS, USUAL, Report, Scope
from insights.reports.scope import SOURCES
from leads.models import Lead, Stage
from leads.tiers import tier_of
from workspaces.models import Team
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, Route, as_id, choice
from workspaces.shapes import Shape


class ColumnShape(Shape):
    key = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True, source="label")
    kind = serializers.CharField(
        read_only=True,
        help_text="text, stage, grade, reason, count, share (0 to 1), times, days, hours or money (minor units)",
    )


class PeriodShape(Shape):
    begins = serializers.DateTimeField(read_only=True)
    ends = serializers.DateTimeField(read_only=True)
    days = serializers.IntegerField(read_only=True)


class ReportShape(Shape):
    """``rows`` have a value for each column, and ``where``: the condition that lists the leads of the row, if any."""

    name = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    period = PeriodShape(read_only=True)
    columns = ColumnShape(many=True, read_only=True)
    rows: Any = serializers.ListField(child=serializers.DictField(), read_only=True)
    total: Any = serializers.DictField(read_only=True)


PARAMETERS = [
    OpenApiParameter("name", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(REPORTS)),
    OpenApiParameter("days", OpenApiTypes.INT, description="Length of the period, 30 unless told."),
    OpenApiParameter("as_of", OpenApiTypes.DATETIME, description="When the period ends; now unless told."),
    OpenApiParameter("team", OpenApiTypes.UUID, description="Only what this team holds or held."),
    OpenApiParameter(
        "by",
        OpenApiTypes.STR,
        enum=list(SOURCES),
        description="Of `sources`: a lead counts for the channel it came by first (unless told), last, or for all.",
    ),
    OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "csv"]),
]


class ReportView(ApiView):
    """What a manager looks at: `funnel`, `stuck`, `sources`, `campaigns`, `overlaps`, `reps`, `timeliness`,
    `fairness`, `scorecard`, `overrides`, `returns`, `forecast`."""

    serializer_class = ReportShape
    needs = {"GET": "reports"}

    @extend_schema(operation_id="report", parameters=PARAMETERS, responses=ReportShape)
    def get(self, request: Request, name: str) -> Response | HttpResponse:
        made = REPORTS.get(name)
        if made is None:
            raise NotThere(_("There is nothing at this address."))
        wanted, scope = choice(request, "format", ("json", "csv")), self.scope()
        report = made(scope)
        return csv_answer(report) if wanted == "csv" else Response(self.answer(report, scope))

    def scope(self) -> Scope:
        asked = self.request.query_params
        days = serializers.IntegerField(min_value=1, max_value=LONGEST)
        moment = serializers.DateTimeField()
        found: dict[str, Any] = {"as_of": self.as_of}
        for name, field in (("days", days), ("as_of", moment)):
            if asked.get(name):
                try:
                    found[name] = field.run_validation(asked[name])
                except serializers.ValidationError as wrong:
                    raise ParseError(f"{name}: {wrong.detail[0]}") from None  # type: ignore[index]
        if asked.get("team"):
            team = Team.objects.filter(pk=as_id("team", asked["team"])).first()
            if team is None:
                raise NotThere(_("There is none with this id."))
            found["team"] = team.pk
        by = choice(self.request, "by", SOURCES) or SOURCES[0]
        return Scope(found["as_of"], found.get("days", USUAL), found.get("team"), by)  # type: ignore[arg-type]

    def answer(self, report: Report, scope: Scope) -> dict[str, Any]:
        period = {"begins": scope.begins, "ends": scope.as_of, "days": scope.days}
        return self.shown(vars(report) | {"period": period})  # type: ignore[no-any-return]


class MissingShape(Shape):
    what = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    whose = serializers.CharField(allow_blank=True)
    field: Any = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class DiagnosisShape(Shape):
    """`cause`: `action` (not done in time) or `lead` (facts don't come); `move`: do, ask, step, defer, disqualify."""

    stuck = serializers.BooleanField()
    days = serializers.IntegerField()
    limit = serializers.IntegerField()
    usual = serializers.FloatField(allow_null=True)
    thin = serializers.BooleanField(help_text="Too little history: the limit is the general one.")
    cause = serializers.CharField(allow_blank=True)
    missing = MissingShape(many=True)
    contacts = serializers.IntegerField()
    move = serializers.CharField(allow_blank=True)
    suggestion = serializers.CharField(allow_blank=True)
    tier = serializers.CharField(allow_blank=True)


class DiagnosisView(ApiView):
    """Is it stuck, and is the lead no good or was the action not done?"""

    model = Lead
    serializer_class = DiagnosisShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="lead_diagnosis", responses=DiagnosisShape)
    def get(self, request: Request, lead_id: UUID) -> Response:
        lead = Lead.objects.select_related("owner").filter(pk=lead_id).first()
        if lead is None:
            raise NotThere(_("There is nothing at this address."))
        found = diagnose(lead, self.as_of)
        told = found.told() if found else NOT_OPEN | {"days": max((self.as_of - lead.stage_since).days, 0)}
        return Response(DiagnosisShape(told | {"tier": tier_of(lead, self.as_of)}).data)


NOT_OPEN: dict[str, Any] = {
    "stuck": False,
    "limit": 0,
    "usual": None,
    "thin": False,
    "cause": "",
    "missing": [],
    "contacts": 0,
    "move": "",
    "suggestion": "",
}


class StageShape(Shape):
    """A stage: what to do in it, how long it takes, and where leads leave it."""

    stage = serializers.CharField()
    label = serializers.CharField()
    usual_days = serializers.FloatField(allow_null=True)
    limit_days = serializers.IntegerField(allow_null=True)
    stays = serializers.IntegerField()
    thin = serializers.BooleanField()
    playbooks: Any = serializers.ListField(child=serializers.DictField())
    cases: Any = serializers.ListField(child=serializers.DictField())
    leaving: Any = serializers.ListField(child=serializers.DictField())


class StageView(ApiView):
    """How its playbooks' actions went in the last year, and the ways out of it."""

    serializer_class = StageShape
    needs = {"GET": "reports"}

    @extend_schema(operation_id="stage", responses=StageShape)
    def get(self, request: Request, stage: str) -> Response:
        if stage not in Stage.values:
            raise NotThere(_("There is nothing at this address."))
        return Response(figures(Stage(stage), Scope(self.as_of, 365)))


def csv_answer(report: Report) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{report.name}.csv"'}
    return HttpResponse(as_csv(report), content_type="text/csv; charset=utf-8", headers=named)


routes: list[Route] = [
    ("leads/<uuid:lead_id>/diagnosis/", DiagnosisView.as_view(), "lead-diagnosis"),
    ("stages/<slug:stage>/", StageView.as_view(), "stage-figures"),
    ("reports/<slug:name>/", ReportView.as_view(), "report"),
]
