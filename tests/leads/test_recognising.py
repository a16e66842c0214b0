"""What makes a lead, and its company, the same one: and what does not."""

from typing import Any

import pytest

from leads.actions import capture, edit
from leads.conditions import parse, vocabulary, where
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Company, Identity, Lead
from leads.normalise.credit_codes import credit_code
from leads.normalise.traits import email_traits
from leads.sharing import two_people
from tests.cast import NOW
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

HUAWEI, TENCENT = "914403001922038216", "91440300708461136T"


def arrive(*facts: dict[str, Any]) -> list[Lead]:
    found = capture([incoming_from(one) for one in facts], source=Source("api"), as_of=NOW, actor=None)
    return [Lead.objects.select_related("company").get(pk=one.lead_id) for one in found]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (TENCENT, TENCENT),
        ("9144 0300 7084-6113 6t", TENCENT),
        ("９１４４０３００７０８４６１１３６Ｔ", TENCENT),
        ("91440300708461136X", ""),  # a wrong check digit
        ("9144030070846113", ""),
        ("440300708461136", ""),  # a registration number of before 2015
        ("", ""),
    ],
)
def test_credit_code(typed: str, code: str) -> None:
    assert credit_code(typed) == code


def test_one_credit_code_is_one_company_whatever_it_is_called(workspace: Workspace) -> None:
    one, two, three = arrive(
        {"email": "a@a.io", "company": "腾讯科技（深圳）有限公司", "credit_code": TENCENT.lower()},
        {"email": "b@b.io", "company": "Tencent Technology", "credit_code": TENCENT},
        {"email": "c@c.io", "credit_code": TENCENT},
    )
    assert one.company_id == two.company_id == three.company_id
    assert Company.objects.get().credit_code == one.credit_code == TENCENT
    [later] = arrive({"email": "d@d.io", "company": "Tencent Inc.", "credit_code": TENCENT})
    assert later.company_id == one.company_id


def test_a_company_learns_its_code_and_another_of_its_name_is_another(workspace: Workspace) -> None:
    [plain] = arrive({"email": "a@a.io", "company": "华为技术有限公司"})
    [coded] = arrive({"email": "b@b.io", "company": "華為技術有限公司", "credit_code": HUAWEI})
    assert plain.company_id == coded.company_id
    assert Company.objects.get().credit_code == HUAWEI
    [other] = arrive({"email": "c@c.io", "company": "华为技术有限公司", "credit_code": TENCENT})
    assert other.company_id != plain.company_id


def test_who_names_no_company_belongs_to_the_one_of_their_mail(workspace: Workspace) -> None:
    [first] = arrive({"email": "a@acme.io", "company": "Acme"})
    [second, private, other] = arrive({"email": "b@acme.io"}, {"email": "c@gmail.com"}, {"email": "d@b.io"})
    assert second.company_id == first.company_id
    assert private.company_id is None and other.company_id is None
    arrive({"email": "x@acme.io", "company": "Acme Robotics"})  # two companies of one domain: nobody guesses
    [third] = arrive({"email": "e@acme.io"})
    assert third.company_id is None


def test_a_wrong_code_is_refused_by_the_api_and_left_out_of_lists(alice: Member, api: Any) -> None:
    wrong = {"email": "a@a.io", "credit_code": "914403007084611360"}
    answer = api(alice).post("/api/v1/leads/", wrong)
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "credit_code"
    made = api(alice).post("/api/v1/leads/", wrong | {"credit_code": TENCENT, "company": "Tencent"}).json()
    assert made["credit_code"] == TENCENT
    companies = api(alice).get("/api/v1/companies/", {"credit_code": TENCENT}).json()["results"]
    assert [one["name"] for one in companies] == ["Tencent"]
    held = api(alice).get("/api/v1/leads/lookup/", {"company": TENCENT}).json()
    assert [one["by"] for one in held["results"]] == ["company"]
    again = api(alice).post("/api/v1/companies/", {"name": "Other", "credit_code": TENCENT})
    assert again.status_code == 409


def test_a_phone_alone_is_not_identity(workspace: Workspace) -> None:
    phone = "+8675526770000"  # a landline in Shenzhen
    one, two = arrive({"name": "王伟", "phone": phone}, {"name": "李娜", "phone": phone, "email": "li@a.cn"})
    assert one.pk != two.pk and two.phone_e164 == phone
    assert Identity.objects.filter(kind="phone").count() == 1
    [third] = arrive({"name": "赵敏", "phone": phone, "email": "zhao@a.cn"})
    assert third.pk not in (one.pk, two.pk)
    [again] = arrive({"name": "王伟", "phone": phone, "title": "CEO"})
    assert again.pk == one.pk
    edit(third.pk, {"title": "CFO"}, as_of=NOW, actor=None)


@pytest.mark.parametrize(
    ("this", "other", "two"),
    [
        (("Li Lei", "l@a.io"), ("Han Mei", "h@a.io"), True),
        (("Li Lei", "l@a.io"), ("Lei Li", "lei@gmail.com"), False),  # one person, two addresses
        (("Li Lei", "l@a.io"), ("", "h@a.io"), False),
        (("张伟", "l@a.io"), ("Zhang Wei", "z@a.io"), False),  # two scripts
        (("張偉", ""), ("张伟", ""), False),
        (("Li Lei", ""), ("Han Mei", ""), False),  # a mobile number: a name was mistyped
        (("Jon Smith", "j@a.io"), ("John Smith", "john@b.io"), False),
    ],
)
def test_two_people(this: tuple[str, str], other: tuple[str, str], two: bool) -> None:
    one, more = (
        {"name": name, "email_key": email, "phone_e164": "+8613800138000"} for name, email in (this, other)
    )
    assert two_people(one, more) is two


@pytest.mark.parametrize(
    ("address", "traits"),
    [
        ("info@gmail.com", "free role"),
        ("li.lei@qq.com", "free"),
        ("sales@acme.com", "role"),
        ("no-reply@acme.com", "role"),
        ("li@mailinator.com", "disposable"),
        ("li@x.mailinator.com", "disposable"),
        ("li@acme.com", ""),
        ("", ""),
    ],
)
def test_kinds_of_addresses(address: str, traits: str) -> None:
    assert email_traits(address) == traits


def test_kinds_of_addresses_are_seen_and_asked_about(workspace: Workspace, alice: Member, api: Any) -> None:
    [free] = arrive({"email": "info@gmail.com"})
    [own] = arrive({"email": "li@acme.com"})
    arrive({"phone": "+8613800138000"})
    assert api(alice).get(f"/api/v1/leads/{free.pk}/").json()["email_traits"] == ["free", "role"]

    def who(field: str, value: bool) -> set[Any]:
        condition = parse({"field": field, "op": "eq", "value": value}, vocabulary(workspace))
        rows = Lead.objects.filter(where(condition, as_of=NOW, time_zone="UTC"))
        return set(rows.values_list("pk", flat=True))

    assert who("email_is_free", True) == who("email_is_role", True) == {free.pk}
    assert who("email_is_disposable", True) == set()
    assert who("email_is_free", False) == {own.pk}  # without an address nothing is known
    edit(free.pk, {"email": "li@mailinator.com"}, as_of=NOW, actor=None)
    assert who("email_is_disposable", True) == {free.pk}
    with pytest.raises(Invalid):
        edit(free.pk, {"credit_code": "123"}, as_of=NOW, actor=None)
