from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, FSMField, FSMModelMixin, transition

from leads.models.searching import searched
from workspaces.tenancy import TenantForeignKey, TenantModel


class Stage(models.TextChoices):
    LEAD = "lead", _("Lead")
    MQL = "mql", _("MQL")
    SQL = "sql", _("SQL")
    OPPORTUNITY = "opportunity", _("Opportunity")
    WON = "won", _("Won")
    DEFERRED = "deferred", _("Deferred")
    LOST = "lost", _("Lost")
    DISQUALIFIED = "disqualified", _("Disqualified")


class Pool(models.TextChoices):
    LEAD = "lead", _("Lead pool")
    SALES = "sales", _("Sales pool")
    RECYCLE = "recycle", _("Recycle pool")


class NeedLevel(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    NONE = "none", _("None")
    VAGUE = "vague", _("Vague")
    CLEAR = "clear", _("Clear")
    URGENT = "urgent", _("Urgent")


class BudgetStatus(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    NONE = "none", _("None")
    ESTIMATED = "estimated", _("Estimated")
    APPROVED = "approved", _("Approved")


class Authority(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    USER = "user", _("User")
    INFLUENCER = "influencer", _("Influencer")
    DECISION_MAKER = "decision_maker", _("Decision maker")
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")


class Quality(models.TextChoices):
    """What a rep found the lead to be, so that marketing sees which channels bring real ones."""

    UNRATED = "", _("Not rated")
    REAL = "real", pgettext_lazy("quality", "Real")
    TOO_EARLY = "too_early", _("Too early")
    STUDENT = "student", _("Student")
    COMPETITOR = "competitor", _("Competitor")
    WRONG_CONTACT = "wrong_contact", _("Wrong contact")


OPEN = [Stage.LEAD, Stage.MQL, Stage.SQL, Stage.OPPORTUNITY]
# The step that leads on from each open stage.
FORWARD = {"lead": "to_mql", "mql": "to_sql", "sql": "to_opportunity", "opportunity": "win"}
ASIDE = [Stage.DEFERRED, Stage.LOST, Stage.DISQUALIFIED]


class Lead(ConcurrentTransitionMixin, FSMModelMixin, TenantModel):
    """One pursuit of one potential customer: its facts, and the state that only actions write."""

    # Facts: what anybody may learn and write down.
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, default="")
    email_key = models.CharField(max_length=254, blank=True, default="", editable=False)
    # What kind of address: words of leads.normalise.traits.
    email_traits = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    phone = models.CharField(_("phone"), max_length=60, blank=True, default="")
    phone_e164 = models.CharField(max_length=20, blank=True, default="", editable=False)
    wechat = models.CharField(_("WeChat"), max_length=100, blank=True, default="")
    company = TenantForeignKey("leads.Company", null=True, blank=True, related_name="leads")
    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, default="", db_default=""
    )
    website = models.CharField(_("website"), max_length=500, blank=True, default="")
    domain = models.CharField(max_length=253, blank=True, default="", editable=False)
    industry = models.CharField(_("industry"), max_length=200, blank=True, default="")
    region = models.CharField(_("region"), max_length=200, blank=True, default="")
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    channel = TenantForeignKey("leads.Channel", null=True, blank=True, related_name="leads")
    campaign = models.CharField(_("campaign"), max_length=200, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=200, blank=True, default="")
    pain = models.TextField(_("pain"), blank=True, default="")
    need_level = models.CharField(_("need"), max_length=10, choices=NeedLevel, default=NeedLevel.UNKNOWN)
    budget_amount = models.BigIntegerField(_("budget"), null=True, blank=True)  # minor units
    budget_currency = models.CharField(max_length=3, blank=True, default="")
    budget_status = models.CharField(
        _("budget status"),
        max_length=10,
        choices=BudgetStatus,
        default=BudgetStatus.UNKNOWN,
    )
    authority = models.CharField(_("authority"), max_length=20, choices=Authority, default=Authority.UNKNOWN)
    decision_process = models.TextField(_("decision process"), blank=True, default="")
    timeline_date = models.DateField(_("wants to go live"), null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    search = models.TextField(blank=True, default="", editable=False)

    # State: only the action that owns it writes it.
    stage = FSMField(choices=Stage, default=Stage.LEAD, protected=True)
    stage_since = models.DateTimeField()
    pool = models.CharField(max_length=10, choices=Pool, default=Pool.LEAD)
    pool_since = models.DateTimeField()
    owner = TenantForeignKey("workspaces.Member", null=True, blank=True, related_name="leads")
    team = TenantForeignKey("workspaces.Team", null=True, blank=True, related_name="+")
    held_since = models.DateTimeField(null=True, blank=True)
    # Seconds that its holder had it before it was put aside and came back: by the clock, and in working days.
    held_before = models.BigIntegerField(default=0, db_default=0, editable=False)
    worked_before = models.BigIntegerField(default=0, db_default=0, editable=False)
    score = models.IntegerField(default=0)
    grade = models.CharField(max_length=1, default="D")
    score_parts = models.JSONField(default=list, blank=True)  # "0:15 4:8": rules by position, and points
    scorecard_id = models.UUIDField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    rescore_at = models.DateTimeField(null=True, blank=True)  # when time alone may move the score
    reclaim_at = models.DateTimeField(null=True, blank=True)
    reclaim_reason = models.CharField(max_length=20, blank=True, default="")
    warn_at = models.DateTimeField(null=True, blank=True)
    next_action_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    last_follow_up_at = models.DateTimeField(null=True, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    deferral = models.JSONField(default=dict, blank=True)  # reason, trigger, angle
    assessment = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )  # {question: verdict}, the latest answers
    quality = models.CharField(max_length=15, choices=Quality, blank=True, default="", db_default="")
    moved_at = models.DateTimeField(null=True, blank=True)  # when something last moved: theirs, or a step
    version = models.PositiveIntegerField(default=1)
    captured_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="lead_stage_known"),
            models.CheckConstraint(condition=models.Q(pool__in=Pool.values), name="lead_pool_known"),
            models.CheckConstraint(
                condition=models.Q(pool="sales", owner__isnull=False)
                | (~models.Q(pool="sales") & models.Q(owner__isnull=True)),
                name="lead_sales_pool_has_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-score", "-id"], name="lead_by_score"),
            # Without the id: with it the planner reads all of this index to find two thousand leads by their ids.
            models.Index(fields=["workspace", "-captured_at"], name="lead_by_age"),
            # With the pool in it: how many open leads each pool has is answered by the index alone.
            models.Index(
                fields=["workspace", "stage", "-score", "-id"], include=["pool"], name="lead_by_stage"
            ),
            models.Index(
                fields=["workspace", "pool", "-score", "-id"],
                condition=~models.Q(pool="sales"),
                name="lead_free_by_score",
            ),
            models.Index(
                fields=["workspace", "owner", "stage", "-score"],
                condition=models.Q(owner__isnull=False),
                name="lead_by_owner",
            ),
            models.Index(
                fields=["workspace", "owner", "-score", "-id"],
                condition=models.Q(owner__isnull=False),
                name="lead_by_owner_score",
            ),
            models.Index(
                fields=["workspace", "owner", "reclaim_at"],
                condition=models.Q(reclaim_at__isnull=False),
                name="lead_by_owner_clock",
            ),
            # What the list is sorted by. Most columns are empty in most leads: an import pays for none of those.
            models.Index(fields=["workspace", "stage_since", "id"], name="lead_by_stage_age"),
            models.Index(fields=["workspace", "updated_at", "id"], name="lead_by_change"),
            models.Index(
                fields=["workspace", "last_follow_up_at", "id"],
                condition=models.Q(last_follow_up_at__isnull=False),
                name="lead_by_contact",
            ),
            models.Index(
                fields=["workspace", "next_action_at", "id"],
                condition=models.Q(next_action_at__isnull=False),
                name="lead_by_next_action",
            ),
            models.Index(
                fields=["workspace", "budget_amount", "id"],
                condition=models.Q(budget_amount__isnull=False),
                name="lead_by_budget",
            ),
            models.Index(
                fields=["workspace", "reclaim_at"],
                condition=models.Q(reclaim_at__isnull=False),
                name="lead_reclaim_due",
            ),
            models.Index(
                fields=["workspace", "warn_at"],
                condition=models.Q(warn_at__isnull=False),
                name="lead_warning_due",
            ),
            models.Index(
                fields=["workspace", "rescore_at"],
                condition=models.Q(rescore_at__isnull=False),
                name="lead_rescore_due",
            ),
            models.Index(
                fields=["workspace", "resume_at"],
                condition=models.Q(resume_at__isnull=False),
                name="lead_resume_due",
            ),
            models.Index(fields=["workspace", "company"], name="lead_by_company"),
            models.Index(fields=["workspace", "channel"], name="lead_by_channel"),
            searched("lead"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or str(self.pk)

    # The flow, declared once. ``leads.actions.advance`` reads sources and targets from here and is
    # the only way to take a step: it asks the gate, and it does so for one lead or for a million.

    @transition(field=stage, source=Stage.LEAD, target=Stage.MQL)
    def to_mql(self, **_: Any) -> None:
        """Marketing's threshold of fit and engagement is met."""

    @transition(field=stage, source=Stage.MQL, target=Stage.SQL)
    def to_sql(self, **_: Any) -> None:
        """Sales has confirmed that it is worth a tailored talk."""

    @transition(field=stage, source=Stage.SQL, target=Stage.OPPORTUNITY)
    def to_opportunity(self, **_: Any) -> None:
        """It enters the forecast."""

    @transition(field=stage, source=Stage.OPPORTUNITY, target=Stage.WON)
    def win(self, **_: Any) -> None:
        """It became a customer."""

    @transition(field=stage, source=OPEN, target=Stage.LOST)
    def lose(self, **_: Any) -> None:
        """They chose otherwise."""

    @transition(field=stage, source=OPEN, target=Stage.DEFERRED)
    def defer(self, **_: Any) -> None:
        """Not now: with a reason, a day and a way back in."""

    @transition(field=stage, source=OPEN, target=Stage.DISQUALIFIED)
    def disqualify(self, **_: Any) -> None:
        """Never a customer: a student, a competitor, outside the region."""

    @transition(field=stage, source=[*ASIDE, Stage.WON], target=Stage.LEAD)
    def reopen(self, **_: Any) -> None:
        """A second attempt."""

    @transition(field=stage, source=[Stage.MQL, Stage.SQL, Stage.OPPORTUNITY], target=Stage.LEAD)
    def send_back(self, **_: Any) -> None:
        """Sales returns it to the marketing pool."""
