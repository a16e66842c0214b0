"""Blanks are filled from a web service, a table, the phone number; and it is asked whether a domain takes mail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import dns.resolver
import pytest
from django.test import override_settings

from intake.actions import add_source, change_source, enrich_due, load_table
from intake.enriching import mail
from intake.enriching.place import Place
from intake.enriching.sources import Asked, Facts
from intake.models import Enriching, FactSource, KnownFacts
from leadcrm.flow import run_due
from leads.actions import capture, edit
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Company, CustomField, Lead
from leads.provenance import origins
from tests.cast import NOW
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed

HTTP = {"by": "domain", "fields": {"industry": "company.industry", "employees": "company.sizes.0"}}


def arrive(**facts: Any) -> Lead:
    [found] = capture([incoming_from(facts)], source=Source("api"), as_of=NOW, actor=None)
    return Lead.objects.get(pk=found.lead_id)


@contextmanager
def service(answers: dict[str, tuple[int, Any]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A web service on this machine; (its address, what it was asked and with which key)."""
    got: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.path.rpartition("/")[2]
            got.append((key, self.headers.get("X-Key", "")))
            status, told = answers.get(key, (404, {}))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/of/{{key}}", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_web_service_fills_blanks_once_and_says_so(workspace: Workspace, alice: Member) -> None:
    known = {"acme.io": (200, {"company": {"industry": "Saas", "sizes": [200]}})}
    with service(known) as (url, got):
        who = {"as_of": NOW, "actor": alice}
        source = add_source("http", "Directory", url=url, header="X-Key", secret="s3cret", **HTTP, **who)
        first = arrive(email="a@acme.io", company="Acme", industry="Retail")
        second = arrive(email="b@acme.io")
        arrive(email="c@gmail.com")
        arrive(email="d@nobody.io")
        run_due(workspace, NOW)
        assert sorted(got) == [("acme.io", "s3cret"), ("nobody.io", "s3cret")]
        later = arrive(email="e@acme.io")
        run_due(workspace, NOW)
        assert len(got) == 2  # the answer is kept
    for lead in (first, second, later):
        lead.refresh_from_db()
    assert (first.industry, first.employees) == ("Retail", 200)
    assert (second.industry, second.employees, later.employees) == ("Saas", 200, 200)
    assert Company.objects.get().employees == 200
    origin = origins(second)["industry"]
    assert (origin.source, origin.what, origin.ref) == ("enrichment", "Directory", str(source.pk))
    source.refresh_from_db()
    assert (source.filled, source.last_error, Enriching.objects.count()) == (3, "", 0)


def test_a_silent_service_is_asked_again_and_loses_nothing(workspace: Workspace, alice: Member) -> None:
    answers: dict[str, tuple[int, Any]] = {"acme.io": (503, {})}
    with service(answers) as (url, got):
        source = add_source("http", "Directory", url=url, **HTTP, as_of=NOW, actor=alice)
        lead = arrive(email="a@acme.io")
        run_due(workspace, NOW)
        source.refresh_from_db()
        assert source.failing_since == NOW and "503" in source.last_error
        enrich_due(workspace, NOW)
        assert len(got) == 1
        answers["acme.io"] = (302, {})
        enrich_due(workspace, NOW + timedelta(hours=1))
        assert len(got) == 2  # a redirect is not followed
        answers["acme.io"] = (200, {"company": {"industry": "Saas"}})
        enrich_due(workspace, NOW + timedelta(hours=3))
    lead.refresh_from_db()
    source.refresh_from_db()
    assert (lead.industry, source.failing_since, Enriching.objects.count()) == ("Saas", None, 0)


def test_one_that_is_not_answered_holds_up_no_other(workspace: Workspace, alice: Member) -> None:
    saas = (200, {"company": {"industry": "Saas"}})
    answers: dict[str, tuple[int, Any]] = {"a.io": saas, "b.io": (400, {}), "c.io": (500, {}), "d.io": saas}
    with service(answers) as (url, got):
        add_source("http", "Directory", url=url, **HTTP, as_of=NOW, actor=alice)
        items = [incoming_from({"email": f"x@{name}"}) for name in answers]
        capture(items, source=Source("api"), as_of=NOW, actor=None)
        enrich_due(workspace, NOW)
        found = Lead.objects.filter(industry="Saas").values_list("domain", flat=True)
        assert sorted(found) == ["a.io", "d.io"]
        assert Enriching.objects.get().leads == [str(Lead.objects.get(domain="c.io").pk)]
        for hours in range(1, 8):
            enrich_due(workspace, NOW + timedelta(hours=hours))
        assert [key for key, _secret in got].count("b.io") == 1  # not known: it is not asked for again
        assert {key for key, _secret in got[4:]} == {"c.io"}
        answers["c.io"] = saas
        enrich_due(workspace, NOW + timedelta(hours=12))
    assert Lead.objects.filter(industry="Saas").count() == 3


def test_a_service_that_wants_to_be_asked_less_is_left_alone(workspace: Workspace, alice: Member) -> None:
    saas = (200, {"company": {"industry": "Saas"}})
    answers: dict[str, tuple[int, Any]] = {"a.io": saas, "b.io": (429, {}), "c.io": saas}
    with service(answers) as (url, got):
        add_source("http", "Directory", url=url, **HTTP, as_of=NOW, actor=alice)
        items = [incoming_from({"email": f"x@{name}"}) for name in answers]
        capture(items, source=Source("api"), as_of=NOW, actor=None)
        enrich_due(workspace, NOW)
        assert Lead.objects.get(industry="Saas").domain == "a.io"  # kept, though the next was refused
        assert [key for key, _secret in got] == ["a.io", "b.io", "b.io"]
        answers["b.io"] = saas
        enrich_due(workspace, NOW + timedelta(hours=2))
    assert Lead.objects.filter(industry="Saas").count() == 3


def test_addresses_are_guarded(workspace: Workspace, alice: Member, ming: Member) -> None:
    with service({"acme.io": (200, {"company": {"industry": "Saas"}})}) as (url, got):
        source = add_source("http", "Directory", url=url, **HTTP, as_of=NOW, actor=alice)
        arrive(email="a@acme.io")
        with override_settings(WEBHOOKS_PUBLIC_ONLY=True):
            enrich_due(workspace, NOW)
        assert got == []
    change_source(source, {"url": "http://169.254.169.254/{key}"}, as_of=NOW, actor=alice)
    enrich_due(workspace, NOW)
    source.refresh_from_db()
    assert "may be spoken to" in source.last_error
    for wrong in ({"url": "ftp://x.io/{key}"}, {"url": "https://x.io/"}, {"fields": {"owner": "x"}}):
        with pytest.raises(Invalid):
            change_source(source, wrong, as_of=NOW, actor=alice)
    with pytest.raises(NotAllowed):
        add_source("place", "Mine", as_of=NOW, actor=ming)


def test_a_table_fills_blanks_of_leads_old_and_new(workspace: Workspace, alice: Member, api: Any) -> None:
    old = arrive(email="a@acme.io")
    client = api(alice)
    made = client.post("/api/v1/enrichment-sources/", {"kind": "file", "name": "Our table"}).json()
    data = BytesIO("Domain,Industry,Employees,省份\nwww.Acme.io,Saas,51-200,广东\nb.io,Retail,,\n".encode())
    data.name = "known.csv"
    address = f"/api/v1/enrichment-sources/{made['id']}/"
    told = client.post(f"{address}table/", {"file": data}, format="multipart")
    assert (told.status_code, told.json()) == (200, {"rows": 2})
    assert KnownFacts.objects.get(key="acme.io").facts["industry"] == "Saas"
    new = arrive(email="x@b.io")
    run_due(workspace, NOW + timedelta(days=9999))
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.industry, old.region, new.industry) == ("Saas", "广东", "Retail")
    shown = client.get(address).json()
    assert (shown["rows"], shown["by"], shown["filled"]) == (2, "domain", 2)
    assert client.patch(address, {"is_active": False}).json()["is_active"] is False
    assert client.delete(address).status_code == 204
    assert origins(old)["industry"].what == "Our table"
    empty = FactSource.objects.create(kind="file", name="Empty")
    with pytest.raises(Invalid):
        load_table(empty, BytesIO(b"A,B\n1,2\n"), "x.csv", as_of=NOW, actor=alice)


def asked_about(source: FactSource) -> set[str]:
    rows = Enriching.objects.filter(source=source).values_list("leads", flat=True)
    return {pk for leads in rows for pk in leads}


def test_a_source_is_asked_about_those_who_lack_what_it_knows(workspace: Workspace, alice: Member) -> None:
    full = {"industry": "Saas", "employees": 9, "region": "East", "company": "Acme", "website": "acme.io"}
    url, who = "https://x.io/{key}", {"as_of": NOW, "actor": alice}
    codes = add_source("http", "Codes", url=url, by="company", fields={"credit_code": "code"}, **who)
    branches = add_source("http", "Branches", url=url, fields={"industry": "branch"}, **who)
    table = add_source("file", "Table", **who)
    load_table(table, BytesIO(b"Domain,Region\na.io,East\nb.io,West\n"), "t.csv", **who)
    lacks_code = arrive(email="a@acme.io", title="CEO", **full)
    lacks_industry = arrive(email="b@beta.io", industry="")
    lacks_region = arrive(email="c@gamma.io", **full | {"region": "", "company": "Gamma"})
    rest = {str(lead.pk) for lead in (lacks_industry, lacks_region)}
    assert asked_about(codes) == rest | {str(lacks_code.pk)}
    assert asked_about(branches) == {str(lacks_industry.pk)}
    assert asked_about(table) == rest


@pytest.mark.parametrize(
    ("told", "employees"), [("51-200", 51), ("200.0", 200), (200.0, 200), ("many", None)]
)
def test_a_web_service_says_employees_as_it_likes(
    workspace: Workspace, alice: Member, told: Any, employees: int | None
) -> None:
    with service({"acme.io": (200, {"company": {"sizes": [told], "industry": "Saas"}})}) as (url, _got):
        add_source("http", "Directory", url=url, **HTTP, as_of=NOW, actor=alice)
        lead = arrive(email="a@acme.io")
        run_due(workspace, NOW)
    lead.refresh_from_db()
    assert (lead.employees, lead.industry) == (employees, "Saas")


@pytest.mark.parametrize(
    ("asked", "english", "chinese"),
    [
        (Asked(phone="+8675526770000"), "Guangdong", "广东"),
        (Asked(phone="+8613812345678"), "Jiangsu", "江苏"),
        (Asked(phone="+861065551234"), "Beijing", "北京"),
        (Asked(phone="+4930123456"), "Germany", "德国"),
        (Asked(texts=("浙江省杭州市西湖区",)), "Zhejiang", "浙江"),
        (Asked(texts=("88 Nanshan Rd, Shenzhen, Guangdong",)), "Guangdong", "广东"),
        (Asked(company="深圳市華為技術有限公司"), "Guangdong", "广东"),
        (Asked(company="Acme"), "", ""),
        (Asked(), "", ""),
    ],
)
def test_regions(workspace: Workspace, asked: Asked, english: str, chinese: str) -> None:
    place = Place(FactSource())

    def region() -> Any:
        key = place.key(asked)
        return place.look_up([key], 1)[key].get("region", "")

    assert region() == english
    place.chinese = True
    assert region() == chinese


def test_a_region_is_told_by_the_phone_and_typed_ones_stay(workspace: Workspace) -> None:
    CustomField.objects.create(key="address", label="Address", kind="text")
    by_phone = arrive(phone="+86 755 2677 0000")
    by_address = arrive(email="a@x.io", attributes={"address": "杭州市"})
    typed = arrive(phone="+86 138 1234 5678", region="East")
    nothing = arrive(email="b@x.io")
    run_due(workspace, NOW)
    for lead in (by_phone, by_address, typed, nothing):
        lead.refresh_from_db()
    assert [one.region for one in (by_phone, by_address, typed, nothing)] == [
        "Guangdong",
        "Zhejiang",
        "East",
        "",
    ]
    assert origins(by_phone)["region"].source == "enrichment"
    edit(nothing.pk, {"phone": "+49 30 123456"}, as_of=NOW, actor=None)
    run_due(workspace, NOW)
    nothing.refresh_from_db()
    assert nothing.region == "Germany"


def test_where_a_mobile_number_is_from_is_a_guess_about_its_owner(workspace: Workspace) -> None:
    mobile = "+86 138 1234 5678"  # of Jiangsu
    named = arrive(phone=mobile, company="北京云图有限公司", name="A")
    moved = arrive(phone="+86 138 1234 5679", company="Acme", name="B")
    office = arrive(phone="+86 755 2677 0000", company="Beta", name="C")
    typed = arrive(phone="+86 138 1234 5670", company="Gamma", name="D", region="East")
    enrich_due(workspace, NOW)
    for lead in (named, moved, office, typed):
        lead.refresh_from_db()
    assert [one.region for one in (named, moved, office)] == ["Beijing", "Jiangsu", "Guangdong"]
    regions = dict(Company.objects.values_list("name", "region"))
    assert (
        regions["Acme"] == "" and regions["Beta"] == "Guangdong" and regions["北京云图有限公司"] == "Beijing"
    )


def test_the_first_source_that_says_a_fact_fills_it(workspace: Workspace, alice: Member) -> None:
    who = {"as_of": NOW, "actor": alice}
    told = {"acme.io": (200, {"region": "Hamburg"}), "beta.io": (503, {})}
    with service(told) as (url, _got):
        first = add_source("file", "Ours", **who)
        load_table(first, BytesIO(b"Domain,Industry\nacme.io,Saas\n"), "t.csv", **who)
        add_source("http", "Theirs", url=url, fields={"region": "region", "industry": "region"}, **who)
        Enriching.objects.all().delete()
        lead = arrive(email="a@acme.io", phone="+86 755 2677 0000")
        order = {"place": 1, "http": 2, "file": 3}  # as chance has it
        for row in Enriching.objects.select_related("source"):
            Enriching.objects.filter(pk=row.pk).update(
                due_at=NOW - timedelta(hours=9 - order[row.source.kind])
            )
        enrich_due(workspace, NOW)
        lead.refresh_from_db()
        assert (lead.industry, lead.region) == ("Saas", "Hamburg")
        silent = arrive(email="b@beta.io", phone="+86 755 2677 0001")
        enrich_due(workspace, NOW)
        silent.refresh_from_db()
        assert silent.region == "Guangdong"  # nobody waits for the one that does not answer


def test_whether_a_domain_takes_mail_is_asked_only_when_switched_on(
    workspace: Workspace, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolve(self: Any, name: Any, kind: Any = "A", *args: Any, **options: Any) -> Any:
        asked.append(str(name))
        raise dns.resolver.NXDOMAIN

    monkeypatch.setattr(dns.resolver.Resolver, "resolve", resolve)  # no name server in a test
    lead = arrive(email="a@gone-company.com")
    run_due(workspace, NOW)
    assert asked == []
    source = FactSource.objects.get(kind="mail")
    change_source(source, {"is_active": True}, as_of=NOW, actor=alice)
    run_due(workspace, NOW)
    lead.refresh_from_db()
    assert asked and lead.email_traits == "no_mail"
    edit(lead.pk, {"title": "CEO"}, as_of=NOW, actor=None)
    lead.refresh_from_db()
    assert lead.email_traits == "no_mail"
    assert mail.Mail(source).key(Asked(email="a@b.io")) == "b.io"


class Upper:
    """A kind of source that somebody adds."""

    keeps_days, outside = 0, False

    def __init__(self, row: FactSource) -> None:
        self.word = row.settings.get("by", "")

    def key(self, asked: Asked) -> str:
        return asked.domain

    def look_up(self, keys: Any, seconds: float) -> dict[str, Facts]:
        return {key: {"industry": key.upper()} for key in keys}


def test_a_kind_of_ones_own(workspace: Workspace, alice: Member) -> None:
    from intake.enriching.sources import kinds

    kinds.cache_clear()
    with override_settings(ENRICHMENT_SOURCES={"upper": "tests.intake.test_enriching.Upper"}):
        add_source("upper", "Upper", as_of=NOW, actor=alice)
        lead = arrive(email="a@acme.io")
        run_due(workspace, NOW)
    kinds.cache_clear()
    lead.refresh_from_db()
    assert lead.industry == "ACME.IO"
