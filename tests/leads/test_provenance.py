"""Who or what filled each field of a lead, and when."""

from datetime import timedelta
from typing import Any

from leads.actions import capture, edit, merge
from leads.actions.fill_in import Found, fill_in
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import CustomField, Lead, TimelineEntry
from leads.provenance import origins
from leads.telling import told as sentences
from tests.cast import NOW
from tests.intake.lists import bring_in
from workspaces.ids import uuid7
from workspaces.models import Member, Workspace


def at(days: int) -> Any:
    return NOW + timedelta(days=days)


def arrive(day: int, source: Source = Source("api"), actor: Member | None = None, **facts: Any) -> Lead:  # noqa: B008
    [found] = capture([incoming_from(facts)], source=source, as_of=at(day), actor=actor)
    return Lead.objects.get(pk=found.lead_id)


def test_every_filled_field_says_where_it_comes_from(alice: Member, ming: Member, api: Any) -> None:
    lead = arrive(0, actor=alice, name="Ada", email="ada@x.io", company="Engines")
    arrive(1, Source("form", data={"form": "Ask us"}), email="ada@x.io", phone="+8613800138000")
    edit(lead.pk, {"pain": "Slow", "name": "Ada King"}, as_of=at(2), actor=alice)
    found = Found("file", uuid7(), "Our table")
    filled = fill_in({lead.pk: {"industry": "Saas", "employees": "200", "name": "No"}}, found, as_of=at(3))
    assert filled[lead.pk] == ["employees", "industry"]
    shown = {one["field"]: one for one in api(alice).get(f"/api/v1/leads/{lead.pk}/provenance/").json()}
    told = {name: (one["source"], one["at"][:10], one["text"]) for name, one in shown.items()}
    assert told["email"] == ("api", "2026-03-02", "API")
    assert told["phone"] == ("form", "2026-03-03", "form: Ask us")
    assert told["name"] == told["pain"] == ("edit", "2026-03-04", "entered by Alice")
    assert told["industry"] == told["employees"] == ("enrichment", "2026-03-05", "enrichment: Our table")
    assert told["company"][0] == "api"
    assert shown["employees"]["ref"] == str(found.source)
    assert "region" not in told and "domain" not in told
    assert api(ming).get(f"/api/v1/leads/{lead.pk}/provenance/").status_code == 200


def test_an_import_is_named_and_custom_fields_count(workspace: Workspace, alice: Member) -> None:
    lead = arrive(0, email="ada@x.io", name="Ada")
    data = b"Name,Email,Shoe size,Title\nAda,ada@x.io,38,CEO\nBo,bo@x.io,40,CFO\n"
    batch = bring_in(workspace, data, name="spring.csv", actor=alice)
    found = origins(Lead.objects.get(pk=lead.pk))
    assert found["name"].source == "api"
    shoe, title = found["attributes.shoe_size"], found["title"]
    assert (shoe.source, shoe.what, shoe.ref) == (title.source, title.what, title.ref)
    assert (shoe.source, shoe.what, shoe.ref) == ("import", "spring.csv", str(batch.pk))


def test_what_a_merge_brings_keeps_its_origin(alice: Member) -> None:
    first = arrive(0, name="Ada", email="ada@x.io")
    second = arrive(1, Source("form", data={"form": "Ask us"}), name="A. King", phone="+8613800138000")
    edit(second.pk, {"title": "CEO"}, as_of=at(2), actor=alice)
    merge(first.pk, second.pk, as_of=at(3), actor=alice)
    found = origins(Lead.objects.get(pk=first.pk))
    assert (found["phone"].source, found["phone"].merged) == ("form", at(3))
    assert (found["title"].source, found["title"].by) == ("edit", alice.pk)
    assert (found["name"].source, found["name"].merged) == ("api", None)


def test_custom_fields_that_a_merge_brought_keep_theirs(workspace: Workspace, alice: Member) -> None:
    """Filled where blank, chosen over what was edited, and neither: what the other was told of late."""
    keys = ("color", "size", "shape")
    for key in keys:
        CustomField.objects.create(key=key, label=key.capitalize())
    first = arrive(
        0, Source("form", data={"form": "Ask us"}), email="ada@x.io", attributes={"shape": "round"}
    )
    edit(first.pk, {"attributes": {"size": "M"}}, as_of=at(1), actor=alice)
    batch = bring_in(
        workspace, b"Name,Email,Color,Size,Shape\nBo,bo@x.io,red,L,square\n", name="spring.csv", actor=alice
    )
    second = Lead.objects.get(email="bo@x.io")
    edit(second.pk, {"attributes": {"shape": "flat"}}, as_of=at(2), actor=alice)
    made = merge(first.pk, second.pk, choose={"attributes.size": "other"}, as_of=at(3), actor=alice)
    found = origins(Lead.objects.get(pk=first.pk))
    told = {key: (found[f"attributes.{key}"].source, found[f"attributes.{key}"].ref) for key in keys}
    assert told == {
        "color": ("import", str(batch.pk)),
        "size": ("import", str(batch.pk)),
        "shape": ("form", ""),
    }
    assert found["attributes.color"].merged == at(3) and found["attributes.shape"].merged is None
    [entry] = TimelineEntry.objects.filter(kind="merged", data__merge=str(made.pk))
    text = sentences([entry])[0]["text"]
    assert "Color" in text and "Size" in text and "Shape" not in text


def test_enriching_overwrites_nothing_and_leaves_out_what_is_wrong(workspace: Workspace) -> None:
    lead = arrive(0, email="ada@x.io", industry="Retail")
    found = Found("http", uuid7(), "Web")
    assert fill_in({lead.pk: {"industry": "Saas", "employees": "many"}}, found, as_of=at(1)) == {}
    assert fill_in({lead.pk: {"no_mail": True}}, found, as_of=at(1)) == {lead.pk: ["email_traits"]}
    assert fill_in({lead.pk: {"no_mail": True}}, found, as_of=at(1)) == {}
    lead.refresh_from_db()
    assert (lead.industry, lead.employees, lead.email_traits) == ("Retail", None, "no_mail")
