from django.db import models
from django.utils.translation import gettext_lazy as _

from workspaces.tenancy import TenantForeignKey, TenantModel


class DeferReason(models.TextChoices):
    BUDGET = "budget_not_granted", _("Budget not granted")
    MOMENT = "wrong_moment", _("Wrong moment")
    PRIORITIES = "other_priorities", _("Other priorities")
    AGREEMENT = "no_inner_agreement", _("No agreement among themselves")
    OTHER = "other", _("Something else")


class LostReason(models.TextChoices):
    PRICE = "price", _("Price")
    COMPETITOR = "competitor", _("Chose a competitor")
    FUNCTION = "missing_function", _("Something they need is missing")
    NO_DECISION = "no_decision", _("No decision at all")
    SILENT = "silent", _("No longer answers")
    OTHER = "other", _("Something else")


class DisqualifyReason(models.TextChoices):
    STUDENT = "student", _("Student or researcher")
    COMPETITOR = "competitor", _("A competitor")
    JOB_SEEKER = "job_seeker", _("Job seeker")
    OUTSIDE = "outside_region", _("Outside the region we serve")
    WRONG_CONTACT = "wrong_contact", _("Wrong contact data")
    NO_NEED = "no_need", _("No need at all")
    TOO_SMALL = "too_small", _("Too small for us")
    OTHER = "other", _("Something else")


class Trigger(models.TextChoices):
    TOUCH = "touch", _("They do something")
    FIELD = "field", _("A fact changes")
    DATE = "date", _("A date comes")


class Deferral(TenantModel):
    """One time a lead was put aside: why, until when, what would bring it back sooner, and what did."""

    lead = TenantForeignKey("leads.Lead", cascade=True, related_name="deferrals")
    member = TenantForeignKey("workspaces.Member", null=True, related_name="+")
    at = models.DateTimeField()
    reason_code = models.CharField(max_length=20, choices=DeferReason)
    reason = models.TextField(blank=True, default="")
    resume_at = models.DateTimeField()
    trigger_kind = models.CharField(max_length=10, choices=Trigger, blank=True, default="")
    trigger_what = models.CharField(max_length=60, blank=True, default="")  # kind of touch, or the fact
    trigger_was = models.JSONField(null=True, blank=True)  # the fact's value when it was put aside
    trigger = models.TextField(blank=True, default="")  # in words
    angle = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, blank=True, default="")  # day, touch, field, again, hand

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["workspace", "lead", "-at"], name="deferral_by_lead"),
            models.Index(fields=["workspace", "ended_at"], name="deferral_by_end"),
        ]
