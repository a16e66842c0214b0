"""How leads and what belongs to them look in the API."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from leads.api.money import Amount, MoneyField, as_money
from leads.masking import masked, sees_contact_data
from leads.models.company import BuyingRole
from leads.models.followup import FollowUpChannel, Moved, Outcome
from leads.models.lead import Authority, BudgetStatus, NeedLevel, Pool, Stage
from leads.tiers import tier_of
from workspaces.shapes import RowShape, Shape
from workspaces.tenancy import current_workspace


def text(longest: int | None = None, **options: Any) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=longest, trim_whitespace=True, **options
    )


def seen(**options: Any) -> serializers.CharField:
    return serializers.CharField(read_only=True, **options)


def moment(**options: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(read_only=True, allow_null=True, **options)


class LeadShape(RowShape):
    """A lead. Facts are written; stage, pool, owner and score change only through their own actions.

    E-mail, phone and WeChat are masked for members who may not see them (docs/api.md).
    """

    name = text(200)
    title = text(200)
    email = text(254)
    phone = text(60, help_text="As typed; `phone_e164` is the number it is compared by.")
    phone_e164 = seen()
    email_traits = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What kind of address: `free`, `role`, `disposable`, `no_mail` (its domain takes no mail).",
    )
    wechat = text(100)
    credit_code = text(40, help_text="China's unified social credit code; checked, kept without spaces.")
    company = text(300, help_text="The company's name; one that is not known yet is made.")
    company_id = serializers.UUIDField(read_only=True, allow_null=True)
    website = text(500)
    domain = seen()
    industry = text(200)
    region = text(200)
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)
    channel = text(200, help_text="The channel's name or id; a name that is not known yet makes one.")
    channel_id = serializers.UUIDField(read_only=True, allow_null=True)
    campaign = text(200)
    external_id = text(200)
    pain = text(20_000)
    need_level = serializers.ChoiceField(NeedLevel.choices, required=False)
    budget_amount = MoneyField("budget_amount", "budget_currency", required=False, allow_null=True)
    budget_status = serializers.ChoiceField(BudgetStatus.choices, required=False)
    authority = serializers.ChoiceField(Authority.choices, required=False)
    decision_process = text(20_000)
    timeline_date = serializers.DateField(required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    attributes = serializers.DictField(required=False, help_text="Custom fields by key.")
    tag_rules = serializers.DictField(
        child=serializers.UUIDField(), read_only=True, help_text="Tags that a rule set: {tag: the rule's id}."
    )

    stage = serializers.ChoiceField(Stage.choices, read_only=True)
    stage_since = moment()
    pool = serializers.ChoiceField(Pool.choices, read_only=True)
    pool_since = moment()
    owner = serializers.UUIDField(source="owner_id", read_only=True, allow_null=True)
    owner_name = seen(allow_null=True)
    team = serializers.UUIDField(source="team_id", read_only=True, allow_null=True)
    team_name = seen(allow_null=True)
    score = serializers.IntegerField(read_only=True)
    grade = seen()
    tier = seen(help_text="`focus`, `nurture` or `let_go`; empty for a lead that is not open.")
    quality = seen(help_text="What a rep found it to be; written through `quality/`.")
    scored_at = moment()
    reclaim_at = moment()
    reclaim_reason = seen()
    next_action_at = moment()
    first_response_at = moment()
    last_follow_up_at = moment()
    resume_at = moment()
    deferral = serializers.DictField(read_only=True)
    captured_at = moment()
    version = serializers.IntegerField(read_only=True)

    def to_representation(self, lead: Any) -> dict[str, Any]:
        # By hand, not field by field: a page of 200 leads is 10,000 values.
        shown = {
            name: NAMED[name](lead) if name in NAMED else getattr(lead, name)
            for name in self._declared_fields
        }
        shown["tier"] = tier_of(lead, self.context["request"]._request.as_of)
        if not self.context.get("entered_just_now") and not sees_contact_data(self.context["member"], lead):
            shown = masked(shown) | {"phone_e164": "", "masked": True}
        return shown


def budget(lead: Any) -> dict[str, str] | None:
    if lead.budget_amount is None:
        return None
    return as_money(Amount(lead.budget_amount, lead.budget_currency or current_workspace().currency))


# What a lead's columns don't say as they stand.
NAMED: dict[str, Callable[[Any], Any]] = {
    "company": lambda lead: lead.company.name if lead.company_id else "",
    "channel": lambda lead: lead.channel.name if lead.channel_id else "",
    "email_traits": lambda lead: lead.email_traits.split(),
    "owner": lambda lead: lead.owner_id,
    "owner_name": lambda lead: str(lead.owner) if lead.owner_id else None,
    "team": lambda lead: lead.team_id,
    "team_name": lambda lead: lead.team.name if lead.team_id else None,
    "tags": lambda lead: sorted(one.tag.name for one in lead.lead_tags.all()),
    "tag_rules": lambda lead: {one.tag.name: one.rule_id for one in lead.lead_tags.all() if one.rule_id},
    "budget_amount": budget,
    "tier": lambda lead: "",  # depends on the moment: see to_representation
}


class BulkResult(Shape):
    """What became of one item of a list."""

    status = serializers.ChoiceField(["created", "merged", "rejected"])
    id = serializers.UUIDField(allow_null=True)
    errors = serializers.ListField(child=serializers.DictField())


class Unmet(Shape):
    code = seen()
    field = seen(allow_null=True)  # type: ignore[assignment]
    message = seen()


class OptionShape(Shape):
    """A step from where the lead stands."""

    name = seen()
    target = seen()
    allowed = serializers.BooleanField(read_only=True)
    unmet = Unmet(many=True, read_only=True)
    needs_approval = serializers.BooleanField(read_only=True)
    wants = serializers.ListField(child=serializers.CharField(), read_only=True)
    items: Any = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="The whole checklist, each with `met`."
    )


class StepShape(Shape):
    """A step to take. What a step wants beside its name: ``defer`` a reason and a day to resume,
    ``lose`` and ``disqualify`` a reason; ``to_opportunity`` takes an amount and an expected close."""

    name = serializers.CharField(max_length=40)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    override = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    reason_code = serializers.CharField(
        required=False, allow_blank=True, max_length=20, help_text="See `reasons/`; `other` with a text."
    )
    resume_at = serializers.CharField(required=False, help_text="A day or a moment.")
    trigger = serializers.JSONField(
        required=False,
        help_text="What brings it back before its day: words, or `{kind, what}` with kind `touch` (what: a kind "
        "of touch), `field` (what: a fact) or `date` (on: a day).",
    )
    angle = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    amount = MoneyField("amount", required=False)
    expected_close = serializers.DateField(required=False)


class MoveShape(StepShape):
    """A step to take with many leads."""

    leads = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=10_000)


class RefusedMove(Shape):
    id = serializers.UUIDField()
    unmet = Unmet(many=True)


class MoveReason(Shape):
    code = seen()
    field = seen(allow_null=True)  # type: ignore[assignment]
    message = seen()
    count = serializers.IntegerField()
    leads = serializers.ListField(child=serializers.UUIDField())


class LeadsMovedShape(Shape):
    """`text`: "37 moved, 12 not, because …"; `reasons`: the leads under each of them."""

    moved = serializers.ListField(child=serializers.UUIDField())
    waiting = serializers.ListField(child=serializers.UUIDField())
    refused = RefusedMove(many=True)
    reasons = MoveReason(many=True)
    text = seen()


class FollowUpShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    member = serializers.UUIDField(source="member_id", read_only=True, allow_null=True)
    member_name = seen(source="member.name", default=None)
    at = serializers.DateTimeField(required=False)
    channel = serializers.ChoiceField(FollowUpChannel.choices)
    summary = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text="What was said. Needed where neither the outcome nor what it moved is given.",
    )
    outcome = serializers.ChoiceField(Outcome.choices, required=False, allow_blank=True)
    customer_initiated = serializers.BooleanField(required=False)
    moved = serializers.ListField(
        child=serializers.ChoiceField(Moved.choices),
        required=False,
        max_length=10,
        help_text="What it moved.",
    )
    next_action = serializers.CharField(required=False, allow_blank=True, max_length=300)
    next_at = serializers.DateTimeField(required=False, allow_null=True)


class TouchShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    kind = serializers.RegexField(r"^[a-z][a-z0-9_]{0,39}$")
    at = serializers.DateTimeField(required=False)
    data = serializers.DictField(required=False)
    channel = serializers.UUIDField(source="channel_id", read_only=True, allow_null=True)


class LeadContactShape(RowShape):
    """Who takes part, in which buying role: somebody known (`contact_id`), or somebody new (`name` …)."""

    contact_id = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(BuyingRole.choices)
    name = serializers.CharField(source="contact.name", required=False, max_length=200)
    title = serializers.CharField(source="contact.title", required=False, allow_blank=True, max_length=200)
    email = serializers.CharField(source="contact.email", required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(source="contact.phone", required=False, allow_blank=True, max_length=60)
    wechat = serializers.CharField(source="contact.wechat", required=False, allow_blank=True, max_length=100)

    def to_representation(self, row: Any) -> dict[str, Any]:
        shown = super().to_representation(row)
        return shown if self.context["in_full"] else masked(shown)


class EntryShape(Shape):
    """A fact about a lead that happened, with a sentence in the reader's language."""

    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    kind = seen()
    actor = serializers.UUIDField(read_only=True, allow_null=True)
    actor_name = seen()
    text = seen()
    data: Any = serializers.DictField(read_only=True)


class ApprovalShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    lead_name = seen(source="lead.name")
    transition = seen()
    status = seen()
    asked_by = serializers.UUIDField(source="asked_by_id", read_only=True)
    asked_at = moment()
    payload = serializers.DictField(read_only=True)
    decided_by = serializers.UUIDField(source="decided_by_id", read_only=True, allow_null=True)
    decided_at = moment()
    reason = seen()
