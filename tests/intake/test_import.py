"""A list comes in: read, matched, counted; nobody twice, and back out again by undoing it."""

import io
from datetime import date

import openpyxl
import pytest
from django.utils import timezone, translation
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from intake.actions import confirm_columns, undo
from intake.downloads import rejected_rows
from intake.files import chunks_of
from intake.models import FileChunk, Import, ImportedLead, RejectedRow
from leads.actions import capture, edit, log_follow_up, merge, tag
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Company, CustomField, Identity, Lead, LeadTag, TimelineEntry, Touch
from tests.cast import NOW
from tests.intake.lists import as_csv, begin, bring_in, people, run
from tests.realdata import real
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed, Refusal, Refused


def figures(batch: Import) -> tuple[str, int, int, int, int]:
    return batch.status, batch.position, batch.created, batch.merged, batch.rejected


@pytest.mark.slow
def test_the_zoho_list_comes_in_once_and_can_be_taken_back(workspace: Workspace, zoe: Member) -> None:
    """Also in a workspace whose own phones are Chinese: the list says how its phones are written."""
    workspace.region = "CN"
    workspace.save()
    data = real("leads/zoho_demo_leads.csv").read_bytes()
    batch = bring_in(workspace, data, name="zoho_demo_leads.csv", actor=zoe)
    assert figures(batch) == ("done", 3900, 3900, 0, 0)
    assert batch.settings["region"] == "US"
    assert Lead.objects.filter(phone_e164__regex=r"^\+1[2-9]\d{9}$").count() == 3900
    assert Company.objects.count() == 1008
    assert Channel.objects.filter(leads__isnull=False).distinct().count() == 10
    assert set(CustomField.objects.values_list("key", flat=True)) >= {
        "lead_owner",
        "converted",
        "source_status",
    }
    lead = Lead.objects.get(external_id="4563")
    assert lead.attributes["converted"] is True
    assert lead.attributes["created_time"] == "2021-04-15"

    again = bring_in(workspace, data, name="zoho_demo_leads.csv", actor=zoe)
    assert figures(again) == ("done", 3900, 0, 3900, 0)
    assert Lead.objects.count() == 3900

    assert undo(again, as_of=timezone.now(), actor=zoe).status == "undone"
    undone = undo(batch, as_of=timezone.now(), actor=zoe)
    assert (undone.status, undone.undone) == ("undone", {"deleted": 3900, "restored": 0, "left": 0})
    assert Lead.objects.count() == 0
    assert bring_in(workspace, data, actor=zoe).created == 3900


def test_reasons_are_in_the_language_of_the_workspace_or_of_whoever_imports(
    workspace: Workspace, zoe: Member
) -> None:
    """Rows are read in a thread of their own: it has to speak that language too."""
    workspace.locale = "zh-hans"
    workspace.save()
    data = as_csv([("Bo", "", "12", "", "")])
    for language, word in (("", "国家代码"), ("en", "country code")):
        zoe.user.language = language
        zoe.user.save()
        bring_in(workspace, data, actor=zoe)
        assert word in RejectedRow.objects.order_by("-created_at")[0].reasons[0]["message"]


def test_rows_that_cannot_be_taken_are_kept_with_their_reason(workspace: Workspace, zoe: Member) -> None:
    data = as_csv([("Ada", "ada@example.com", "", "", ""), ("Bo", "", "12", "", ""), ("Cy", "", "", "", "")])
    batch = bring_in(workspace, data + b"too,many,cells,in,this,row\n", actor=zoe)
    assert figures(batch) == ("done", 4, 1, 0, 3)
    rows = RejectedRow.objects.order_by("row")
    assert [(row.row, row.reasons[0]["code"]) for row in rows] == [
        (3, "invalid"),
        (4, "unreachable"),
        (5, "too_many_cells"),
    ]
    assert rows[0].cells == ["Bo", "", "12", "", ""]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_mended_file_of_rejected_rows_makes_no_fields_of_what_we_added(
    workspace: Workspace, zoe: Member, language: str
) -> None:
    """Whoever mends it may work in another language than whoever brings it in."""
    header = ("Name", "Email", "Row")
    first = bring_in(workspace, as_csv([("Ada", "", "A7")], header=header), actor=zoe)
    fields = set(CustomField.objects.values_list("key", flat=True))
    with translation.override(language):
        text = b"".join(rejected_rows(first).streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    again = bring_in(workspace, text.replace("Ada,", "Ada,a@x.example").encode(), actor=zoe)
    assert (again.created, again.rejected) == (1, 0)
    assert set(again.mapping.values()) == {"name", "email", "attributes.row", None}
    assert set(CustomField.objects.values_list("key", flat=True)) == fields
    assert Lead.objects.get().attributes == {"row": "A7"}


def test_what_is_left_out_of_a_row_that_is_taken_is_kept_with_its_reason(
    workspace: Workspace, zoe: Member
) -> None:
    header = ("Name", "Email", "Phone", "Budget", "Purchase Date")
    rows = [
        ("Ada", "ada@x.example", "", "soon", "3/4/2018"),
        ("Bo", "bo@x.example", "12", "", ""),
        ("Cy", "cy@x.example", "", "500", "2018-04-03"),
        ("Di", "", "", "", "3/4/2018"),
    ]
    batch = bring_in(workspace, as_csv(rows, header=header), actor=zoe)
    assert (figures(batch), batch.incomplete) == (("done", 4, 3, 0, 1), 2)
    kept = RejectedRow.objects.filter(taken=True).order_by("row")
    said = [(row.row, [(one["field"], one["code"]) for one in row.reasons]) for row in kept]
    assert said == [
        (2, [("budget_amount", "invalid"), ("timeline_date", "ambiguous_date")]),
        (3, [("phone", "invalid")]),
    ]
    file = rejected_rows(batch, taken=True)
    text = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    assert [line[:3] for line in text.splitlines()] == ["Nam", "Ada", "Bo,"]
    assert "incomplete" in file["Content-Disposition"]
    mended = text.replace("3/4/2018", "2018-04-03").replace("soon", "300")
    assert bring_in(workspace, mended.encode(), actor=zoe).merged == 2
    lead = Lead.objects.get(name="Ada")
    assert (str(lead.timeline_date), lead.budget_amount) == ("2018-04-03", 30_000)


def test_a_list_that_names_nobody_comes_in_row_by_row_and_only_once(
    workspace: Workspace, zoe: Member
) -> None:
    rows = [f"{20 + at};{job};no\n" for at, job in enumerate(("nurse", "cook", "nurse", "pilot"))]
    told = "age;job;bought\n" + "".join(rows)
    first = bring_in(workspace, told.encode(), actor=zoe)
    assert (first.status, first.created, first.merged, first.rejected) == ("done", 4, 0, 0)
    ids = list(Lead.objects.values_list("external_id", flat=True))
    assert len(set(ids)) == 4 and all(len(one.partition("-")[0]) == 10 for one in ids)
    again = bring_in(workspace, told.encode(), name="other name.csv", actor=zoe)
    assert (again.created, again.merged) == (0, 4)
    other = bring_in(workspace, told.replace("pilot", "baker").encode(), actor=zoe)
    assert (other.created, other.merged) == (4, 0)  # another list: its rows are other people


def test_lists_that_begin_alike_and_are_as_long_are_two_lists(workspace: Workspace, zoe: Member) -> None:
    rows = [f"{20 + at};nurse\n" for at in range(250)]
    first = bring_in(workspace, ("age;job\n" + "".join(rows)).encode(), actor=zoe)
    later = [
        *rows[:240],
        *rows[241:],
        "99;pilot\n",
    ]  # one has gone, one has come: as many rows, the same head
    second = bring_in(workspace, ("age;job\n" + "".join(later)).encode(), actor=zoe)
    assert (first.created, second.created, second.merged) == (250, 250, 0)


def test_without_a_source_column_the_leads_come_by_the_named_channel(
    workspace: Workspace, zoe: Member
) -> None:
    fair = Channel.objects.create(name="Fair", name_key="fair", token="t1", tags=["met in person"])
    data = as_csv([("Ada", "ada@example.com")], header=("Name", "Email"))
    bring_in(workspace, data, channel="fair", actor=zoe)
    lead = Lead.objects.get()
    assert lead.channel_id == fair.pk
    assert [one.tag.name for one in lead.lead_tags.select_related("tag")] == ["met in person"]
    bring_in(workspace, as_csv([("Bo", "bo@example.com")], header=("Name", "Email")), actor=zoe)
    assert Lead.objects.get(email="bo@example.com").channel.kind == "import"


def test_a_mapping_decides_and_new_makes_a_field(workspace: Workspace, zoe: Member) -> None:
    data = as_csv([("Ada", "a@x.example", "7", "x")], header=("Who", "Mail", "Seats", "Junk"))
    mapping = {"Who": "name", "Mail": "email", "Seats": "new:number", "Junk": None}
    batch = bring_in(workspace, data, mapping=mapping, actor=zoe)
    assert batch.mapping == mapping | {"Seats": "attributes.seats"}
    lead = Lead.objects.get()
    assert (lead.name, lead.attributes) == ("Ada", {"seats": 7})
    assert CustomField.objects.get(key="seats").kind == "number"


def test_a_wrong_mapping_names_every_wrong_column(workspace: Workspace, zoe: Member) -> None:
    mapping = {"Name": "stage", "Nobody": "email", "Email": "new:colour", "Phone": "attributes.nothing"}
    with pytest.raises(Invalid) as wrong:
        begin(as_csv(people(1)), mapping=mapping, actor=zoe)
    assert {(error["field"], error["code"]) for error in wrong.value.errors} == {
        ("mapping.Name", "unknown_target"),
        ("mapping.Nobody", "unknown_column"),
        ("mapping.Email", "unknown_kind"),
        ("mapping.Phone", "unknown_field"),
    }
    assert not Import.objects.exists()


def test_columns_are_confirmed_before_anything_is_read(workspace: Workspace, zoe: Member) -> None:
    header = ("Name", "Email", "Bought")
    batch = begin(as_csv([("Ada", "a@x.example", "3/4/2018")], header=header), confirm=True, actor=zoe)
    assert batch.status == "uploaded"
    assert run(workspace, batch).position == 0
    mapping = {"Name": "name", "Email": "email", "Bought": "new:date"}
    settings = {"date_order": {"Bought": "dmy"}, "region": "GB"}
    confirm_columns(batch, mapping, settings=settings, as_of=timezone.now(), actor=zoe)
    done = run(workspace, batch)
    assert (done.status, done.settings["region"]) == ("done", "GB")
    assert Lead.objects.get().attributes == {"bought": "2018-04-03"}
    with pytest.raises(Refused):
        confirm_columns(batch, mapping, as_of=timezone.now(), actor=zoe)
    with pytest.raises(Invalid):
        confirm_columns(
            begin(as_csv(people(1)), confirm=True), {}, settings={"region": "??"}, as_of=NOW, actor=zoe
        )


def test_the_whole_column_says_what_its_days_and_numbers_mean(workspace: Workspace, zoe: Member) -> None:
    """What decides may stand far below the first rows."""
    header = ("Email", "Purchase Date", "Budget", "Visited", "Seats")
    rows = [(f"p{n}@x.example", "3/4/2018", "1.234", "13/4/2018", "1.200") for n in range(400)]
    rows.append(("last@x.example", "4/13/2018", "2.000,5", "4/13/2018", "7"))
    batch = begin(as_csv(rows, header=header), confirm=True, actor=zoe)
    assert batch.settings["date_order"] == {"Purchase Date": "mdy", "Visited": "ambiguous"}
    assert batch.settings["commas"] == ["Budget"]
    done = bring_in(workspace, as_csv(rows, header=header), actor=zoe)
    lead = Lead.objects.get(email="p0@x.example")
    assert (str(lead.timeline_date), lead.budget_amount) == ("2018-03-04", 123_400)
    assert done.created == 401


def test_unformatted_day_numbers_count_from_where_their_book_counts(
    workspace: Workspace, zoe: Member
) -> None:
    for since, day in ((WINDOWS_EPOCH, "2012-04-13"), (MAC_EPOCH, "2016-04-14")):
        book = openpyxl.Workbook()
        book.epoch = since
        book.active.append(["Email", "Purchase Date", "Seen"])  # type: ignore[union-attr]
        book.active.append([f"p{day}@x.example", 41012, date(2021, 4, 15)])  # type: ignore[union-attr]
        saved = io.BytesIO()
        book.save(saved)
        bring_in(workspace, saved.getvalue(), name="list.xlsx", actor=zoe)
        lead = Lead.objects.get(email=f"p{day}@x.example")
        assert (str(lead.timeline_date), lead.attributes) == (day, {"seen": "2021-04-15"})


def test_a_rep_does_not_import(workspace: Workspace, ming: Member) -> None:
    with pytest.raises(NotAllowed):
        begin(as_csv(people(1)), actor=ming)


def test_the_bytes_of_a_list_are_kept_in_chunks_and_forgotten_when_it_is_in(
    workspace: Workspace, zoe: Member
) -> None:
    data = as_csv(people(30_000))
    batch = begin(data, confirm=True, actor=zoe)
    assert batch.file.size == len(data) > 1 << 20
    assert b"".join(chunks_of(batch.file)) == data
    small = bring_in(workspace, as_csv(people(3)), actor=zoe)
    assert not FileChunk.objects.filter(file=small.file).exists()


@pytest.mark.parametrize(
    ("data", "name", "code", "status"),
    [
        (b"", "empty.csv", "empty", 422),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "photo.csv", "binary", 415),
        (b"PK\x05\x06" + bytes(18), "leads.xlsx", "archive", 415),
        (b"Name,Email\n", "header.csv", "no_rows", 422),
        (b'Name,Email\n"Ada,a@x.example\nBo,b@x.example\n', "open.csv", "unclosed_quote", 422),
    ],
)
def test_what_is_no_list_is_said_so(
    workspace: Workspace, zoe: Member, data: bytes, name: str, code: str, status: int
) -> None:
    with pytest.raises(Refusal) as refusal:
        begin(data, name=name, actor=zoe)
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert refusal.value.message


def test_a_fault_far_down_the_file_keeps_what_came_before(workspace: Workspace, zoe: Member) -> None:
    data = as_csv(people(3000)) + b'"never closed,x@x.example\n' + as_csv(people(10, 5000))
    batch = bring_in(workspace, data, actor=zoe)
    assert (batch.status, batch.error["code"], batch.error["row"]) == ("failed", "unclosed_quote", 3002)
    assert batch.created == Lead.objects.count() == 2500  # whole batches
    assert undo(batch, as_of=timezone.now(), actor=zoe).undone["deleted"] == 2500


def test_formulas_are_kept_as_text(workspace: Workspace, zoe: Member) -> None:
    data = as_csv([("=HYPERLINK(1)", "a@x.example", "+1 212-200-0001", "@SUM(A1)", "")])
    bring_in(workspace, data, actor=zoe)
    lead = Lead.objects.select_related("company").get()
    assert (lead.name, lead.company.name, lead.phone_e164) == ("=HYPERLINK(1)", "@SUM(A1)", "+12122000001")


def test_undoing_leaves_what_people_worked_on_and_restores_only_its_own_values(
    workspace: Workspace, zoe: Member, alice: Member
) -> None:
    (known,) = capture(
        [incoming_from({"name": "Known", "email": "known@x.example"})],
        source=Source("api"), as_of=NOW, actor=alice,
    )  # fmt: skip
    (other,) = capture(
        [incoming_from({"name": "Other", "email": "other@x.example"})],
        source=Source("api"), as_of=NOW, actor=alice,
    )  # fmt: skip
    data = as_csv(
        [
            ("Known", "known@x.example", "212-200-0001", "Firm", "Fair"),
            ("Other", "other@x.example", "212-200-0002", "Firm", "Fair"),
            ("New", "new@x.example", "", "", "Fair"),
            ("Called", "called@x.example", "", "", "Fair"),
            ("Edited", "edited@x.example", "", "", "Fair"),
            ("Back", "back@x.example", "", "", "Fair"),
        ]
    )
    batch = bring_in(workspace, data, actor=zoe)
    assert figures(batch) == ("done", 6, 4, 2, 0)
    ids = dict(Lead.objects.values_list("name", "pk"))
    now = timezone.now()
    log_follow_up(ids["Called"], channel="call", outcome="reached", as_of=now, actor=alice)
    edit(ids["Edited"], {"pain": "Slow"}, as_of=now, actor=alice)
    edit(ids["Other"], {"phone": "+1 212-200-0009"}, as_of=now, actor=alice)
    back = [incoming_from({"name": "Back", "email": "back@x.example"})]
    capture(back, source=Source("form", touch="form_submit"), as_of=now, actor=None)

    undone = undo(batch, as_of=timezone.now(), actor=zoe)
    assert undone.undone == {"deleted": 1, "restored": 1, "left": 4}
    kept = dict(ImportedLead.objects.filter(batch=batch).values_list("lead__name", "kept"))
    assert kept == {"Called": "worked_on", "Edited": "worked_on", "Back": "came_again", "Other": "changed"}
    lead = Lead.objects.get(pk=known.lead_id)
    assert (lead.phone, lead.phone_e164, lead.company_id) == ("", "", None)
    assert not lead.identities.filter(kind="phone").exists()
    assert Lead.objects.get(pk=other.lead_id).phone_e164 == "+12122000009"
    assert TimelineEntry.objects.filter(lead_id=ids["New"], kind="withdrawn").exists()
    assert TimelineEntry.objects.filter(lead_id=known.lead_id, kind="unfilled").exists()
    with pytest.raises(Refused):
        undo(batch, as_of=timezone.now(), actor=zoe)


def test_a_known_lead_is_merged_with_a_touch_that_names_the_file(workspace: Workspace, zoe: Member) -> None:
    bring_in(workspace, as_csv(people(1)), actor=zoe)
    batch = bring_in(workspace, as_csv(people(1)), name="again.csv", actor=zoe)
    touch = Touch.objects.get()
    assert (touch.kind, touch.data) == ("import", {"file": "again.csv", "import": str(batch.pk)})


BY_RULE = {"by": "rule"}


def test_undoing_deletes_no_lead_that_took_up_one_of_the_list(workspace: Workspace, zoe: Member) -> None:
    """A rule may have merged them: nobody did it, but the older lead is not the list's to delete."""
    (older,) = capture(
        [incoming_from({"name": "Ada", "email": "ada@old.example"})],
        source=Source("api"), as_of=NOW, actor=None,
    )  # fmt: skip
    batch = bring_in(workspace, as_csv(people(2)), actor=zoe)
    new = Lead.objects.get(name="Person 0")
    assert older.lead_id
    merge(older.lead_id, new.pk, why=BY_RULE, as_of=timezone.now(), actor=None)
    undone = undo(batch, as_of=timezone.now(), actor=zoe)
    assert undone.undone == {"deleted": 1, "restored": 0, "left": 1}
    assert [lead.pk for lead in Lead.objects.all()] == [older.lead_id]
    assert ImportedLead.objects.get(batch=batch).kept == "merged"


def test_undoing_takes_back_leads_of_one_list_that_became_one(workspace: Workspace, zoe: Member) -> None:
    batch = bring_in(workspace, as_csv(people(4)), actor=zoe)
    now = timezone.now()
    ids = dict(Lead.objects.values_list("name", "pk"))
    edit(ids["Person 3"], {"pain": "Slow"}, as_of=now, actor=zoe)
    merge(ids["Person 0"], ids["Person 1"], why=BY_RULE, as_of=now, actor=None)
    merge(ids["Person 2"], ids["Person 3"], why=BY_RULE, as_of=now, actor=None)
    undo(batch, as_of=timezone.now(), actor=zoe)
    assert [lead.name for lead in Lead.objects.all()] == ["Person 2"]  # somebody worked on what it took up
    assert set(ImportedLead.objects.values_list("kept", flat=True)) == {"worked_on"}


def test_undoing_takes_back_by_what_leads_were_known(workspace: Workspace, zoe: Member) -> None:
    """A list with wrong addresses and numbers is undone, mended and imported again: nobody is met in the wrong lead."""
    website = Channel.objects.get(name="Website")
    facts = [
        {"name": "Ada", "wechat": "ada", "email": "ada@x.example"},
        {"name": "Bo", "email": "bo@x.example"},
        {"wechat": "cy", "name": "Cy"},
    ]
    capture([incoming_from(one) for one in facts], source=Source("api", website), as_of=NOW, actor=None)
    before = set(Identity.objects.values_list("lead__name", "kind", "value"))
    header = ("ID", "Name", "Email", "WeChat")
    wrong = [
        ("76", "Ada", "dan@x.example", "ada"),
        ("77", "Bo", "bo@x.example", ""),
        ("78", "Cy", "", "cy"),
    ]
    batch = bring_in(workspace, as_csv(wrong, header), channel="Fair", actor=zoe)
    assert (batch.merged, Identity.objects.count()) == (3, 8)
    cy = Lead.objects.get(name="Cy")
    edit(cy.pk, {"wechat": ""}, as_of=timezone.now(), actor=zoe)  # its number is all that it is reached by
    undo(batch, as_of=timezone.now(), actor=zoe)
    fair = Channel.objects.get(name="Fair").pk
    left = before - {("Cy", "wechat", "cy")} | {("Cy", "external_id", f"{fair}:78")}
    assert set(Identity.objects.values_list("lead__name", "kind", "value")) == left
    right = [("77", "Dan", "dan@x.example", ""), ("76", "Eve", "eve@x.example", "")]
    again = bring_in(workspace, as_csv(right, header), channel="Fair", actor=zoe)
    assert (again.created, again.merged) == (2, 0)


def test_undoing_takes_tags_and_touches_off_leads_of_before(workspace: Workspace, zoe: Member) -> None:
    source = Source("api")
    known = [incoming_from({"name": f"Known {n}", "email": f"k{n}@x.example"}) for n in range(3)]
    capture(known, source=source, as_of=NOW, actor=None)
    ids = dict(Lead.objects.values_list("name", "pk"))
    tag([ids["Known 0"]], ["vip"], as_of=NOW, actor=zoe)
    Lead.objects.filter(pk=ids["Known 2"]).update(pool="recycle")
    Channel.objects.create(name="Fair", name_key="fair", token="t1", tags=["met"])
    rows = [(f"Known {n}", f"k{n}@x.example", "vip, cold") for n in range(3)]
    batch = bring_in(workspace, as_csv(rows, header=("Name", "Email", "Tags")), channel="Fair", actor=zoe)
    assert Touch.objects.count() == batch.merged == 3
    assert Lead.objects.get(pk=ids["Known 2"]).pool == "lead"
    undone = undo(batch, as_of=timezone.now(), actor=zoe)
    assert undone.undone == {"deleted": 0, "restored": 2, "left": 1}
    assert not Touch.objects.exists()
    tags = LeadTag.objects.filter(rule=None).values_list("lead__name", "tag__name")
    assert list(tags) == [("Known 0", "vip")]  # as it was before
    assert list(ImportedLead.objects.values_list("lead_id", "kept")) == [(ids["Known 2"], "revived")]
    entry = TimelineEntry.objects.get(lead_id=ids["Known 1"], kind="retracted")
    assert entry.data["tags"] == ["cold", "met", "vip"]


def test_a_tag_put_on_by_hand_stays_when_the_import_that_put_it_on_is_undone(
    workspace: Workspace, zoe: Member
) -> None:
    known = [incoming_from({"name": f"Known {n}", "email": f"k{n}@x.example"}) for n in range(3)]
    capture(known, source=Source("api"), as_of=NOW, actor=None)
    ids = dict(Lead.objects.values_list("name", "pk"))
    rows = [(f"Known {n}", f"k{n}@x.example", "vip, cold") for n in range(3)]
    batch = bring_in(workspace, as_csv(rows, header=("Name", "Email", "Tags")), actor=zoe)
    tag([ids["Known 0"]], ["VIP"], as_of=NOW, actor=zoe)
    lead = Lead.objects.get(pk=ids["Known 1"])
    edit(lead.pk, {"tags": ["cold"]}, as_of=NOW, actor=zoe)
    edit(lead.pk, {"tags": ["cold", "vip"]}, as_of=NOW, actor=zoe)
    undone = undo(batch, as_of=timezone.now(), actor=zoe)
    tags = LeadTag.objects.values_list("lead__name", "tag__name").order_by("lead__name")
    assert list(tags) == [("Known 0", "vip"), ("Known 1", "vip")]
    assert undone.undone["restored"] == 3
