"""Which of a vendor's fields is which fact of a lead: as somebody clicked it, else as vendor and name suggest."""

from collections.abc import Iterable, Mapping

from intake.columns import ATTRIBUTE, guess
from intake.hooks.events import Event
from intake.hooks.sent import Provider
from intake.rows import Reading, reader
from leads.incoming import Incoming
from leads.models import CustomField
from workspaces.tenancy import current_workspace

EXTERNAL = "External ID"  # the vendor's name for the lead; no field of a form is called so
CHINESE = (Provider.FEIYU, Provider.WECOM)
Targets = dict[str, str | None]


def guessed(event: Event, custom: Iterable[CustomField]) -> Targets:
    """{the vendor's field: a lead's field, "attributes.<key>", or None} without anybody being asked."""
    names = list(event.fields)
    found = guess(names, [list(event.fields.values())], custom)
    targets: Targets = {name: None if one.new else one.target for name, one in found.items()}
    hinted = {name: target or None for name, target in event.hints.items() if name in targets}
    return targets | hinted


def targets_of(event: Event, mapping: Mapping[str, str | None], custom: Iterable[CustomField]) -> Targets:
    """As it was clicked for this channel; what nobody has decided yet is guessed."""
    return guessed(event, custom) | {name: mapping[name] for name in event.fields if name in mapping}


def incoming(provider: str, event: Event, targets: Targets, custom: Iterable[CustomField]) -> Incoming:
    """The event as an arriving lead, under the vendor's own id."""
    place = current_workspace()
    row = {EXTERNAL: event.lead_id} | event.fields
    reading = Reading(
        tuple(row),
        {EXTERNAL: "external_id"} | {name: one for name, one in targets.items() if one != "external_id"},
        "CN" if provider in CHINESE else place.region,
        currency=place.currency,
        kinds={field.key: field.kind for field in custom},
        with_tests=True,  # which event is one has been told apart by now
    )
    return reader(reading)(list(row.values()))


def unused(event: Event, targets: Targets) -> dict[str, str]:
    """What no field was found for: kept with the touch, so that nothing is lost."""
    return {name: said[:300] for name, said in event.fields.items() if said and not targets.get(name)}


def without_lost_fields(mapping: Mapping[str, str | None], custom: Iterable[CustomField]) -> Targets:
    """The mapping without custom fields that are gone meanwhile."""
    keys = {ATTRIBUTE + field.key for field in custom}
    return {n: t for n, t in mapping.items() if not (t or "").startswith(ATTRIBUTE) or t in keys}
