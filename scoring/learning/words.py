"""A training's verdict in words."""

from django.utils.translation import gettext as _

from scoring.learning.models import Training, Verdict, WorkStatus
from scoring.learning.train import FEWEST


def short(value: float | None) -> str:
    """An AUC as people write it: .86."""
    return "–" if value is None else f"{value:.2f}"


def verdict_in_words(training: Training) -> str:
    found = training.found or {}
    places = {
        "auc": short(found.get("auc")),
        "active": short(found.get("active_auc")),
        "low": short(found.get("auc_low")),
        "high": short(found.get("auc_high")),
        "active_low": short(found.get("active_auc_low")),
        "active_high": short(found.get("active_auc_high")),
        "outcomes": found.get("outcomes", 0),
        "leads": found.get("leads", 0),
        "fewest": FEWEST,
    }
    if training.status == WorkStatus.FAILED:
        return _("The training failed: %(why)s") % {"why": training.last_error}
    if training.verdict == Verdict.BETTER and found.get("active_auc") is None:
        return (
            _("Tells leads apart (AUC %(auc)s, between %(low)s and %(high)s, on the newest 30 %%).") % places
        )
    if training.verdict == Verdict.BETTER:
        return _("Better than the active card (AUC %(auc)s against %(active)s on the newest 30 %%).") % places
    if training.verdict == Verdict.WORSE and (found.get("difference_high") or 0) < 0:
        return (
            _("Worse than the active card (AUC %(auc)s against %(active)s on the newest 30 %%): keep that.")
            % places
        )
    if training.verdict == Verdict.WORSE:
        return (
            _(
                "Not surely better than the active card: AUC %(auc)s (between %(low)s and %(high)s) against %(active)s"
                " (between %(active_low)s and %(active_high)s) on the newest 30 %%."
            )
            % places
        )
    if training.verdict == Verdict.NO_SIGNAL:
        return _("No signal in these fields: don't use it.")
    if training.verdict == Verdict.TOO_FEW:
        return (
            _(
                "Too few outcomes: %(outcomes)d of %(leads)d decided leads got there, and at least %(fewest)d must."
            )
            % places
        )
    return ""
