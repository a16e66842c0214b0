"""One cell after the other becomes a fact of a lead: what is typed, what it means, what is wrong with it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from intake.amounts import names_unit, parse_employees, parse_money, parse_number
from intake.dates import DateOrder, is_ambiguous, parse_day
from intake.persons import person_name
from intake.synonyms import name_part
from intake.units import unit_of
from intake.wording import BLANK, known_choice, truth
from leads.incoming import CHOICES, Incoming, check_reachable, unusable
from leads.normalise import domain_of, email_key, phone_e164
from leads.normalise.credit_codes import credit_code, wrong_code
from leads.normalise.traits import email_traits

ATTRIBUTE = "attributes."
# The columns' widths in the database; a longer text is cut, and said to be.
LONGEST = {
    "name": 200, "title": 200, "email": 254, "phone": 60, "wechat": 100, "website": 500, "industry": 200,
    "region": 200, "campaign": 200, "external_id": 200, "company": 300, "channel": 200,
}  # fmt: skip
# What identifies a lead is never cut: half an address is somebody else's.
IDENTIFYING = frozenset(("email", "phone", "wechat", "external_id"))
LONGEST_TAG = 100


class Row:
    """What is known of a row so far. The first column that says a fact wins."""

    def __init__(self, region: str, currency: str) -> None:
        self.region = region
        self.currency = currency
        self.facts: dict[str, Any] = {}
        self.named: dict[str, str] = {}
        self.company = ""
        self.channel = ""
        self.attributes: dict[str, Any] = {}
        self.tags: list[str] = []
        self.problems: list[dict] = []

    def warn(self, name: str, code: str, message: str) -> None:
        self.problems.append({"field": name, "code": code, "message": message})

    def incoming(self, is_test: bool) -> Incoming:
        facts = self.facts
        if self.named:
            facts["name"] = self.fitting("name", person_name(self.named))
        facts.setdefault("email_key", "")
        facts.setdefault("phone_e164", "")
        facts["email_traits"] = email_traits(facts["email_key"])
        facts["domain"] = domain_of(facts.get("website") or "") or domain_of(facts["email_key"])
        item = Incoming(facts, self.company, self.channel, self.attributes, self.tags, self.problems)
        if is_test:
            message = _("This is a test row of the advertising platform.")
            item.problems = [{"field": None, "code": "test_row", "message": message}]
            item.rejected = True
        elif not item.reachable:
            check_reachable(item)
        else:
            self.warn_of_unusable()
        return item

    def warn_of_unusable(self) -> None:
        """Another way to reach the lead exists: what cannot be used is kept as it was typed, and said."""
        for name, key in (("email", "email_key"), ("phone", "phone_e164")):
            if self.facts.get(name) and not self.facts[key]:
                self.problems.append(unusable(name))

    def fitting(self, name: str, text: str) -> str:
        longest = LONGEST.get(name, 0)
        if not longest or len(text) <= longest:
            return text
        if name in IDENTIFYING:
            self.warn(name, "too_long", _("The text is longer than %(longest)d characters and was left out.")
                      % {"longest": longest})  # fmt: skip
            return ""
        self.warn(name, "too_long", _("The text was cut to %(longest)d characters.") % {"longest": longest})
        return text[:longest]


Taker = Callable[[Row, str], None]


def taker(column: str, target: str, kind: str, order: DateOrder) -> Taker:
    """What is done with the filled cells of a column."""
    if target.startswith(ATTRIBUTE):
        key = target.removeprefix(ATTRIBUTE)
        return _attribute(key, kind, order)
    if target == "name":
        return _name(name_part(column))
    if target == "timeline_date":
        return _day(target, order)
    if target in CHOICES:
        return lambda row, text: _choose(row, target, text)
    if target == "budget_amount":
        return _budget_in(*unit_of(column))
    return SPECIAL.get(target) or _text(target)


def _name(part: str) -> Taker:
    def take(row: Row, text: str) -> None:
        if text not in BLANK:
            row.named.setdefault(part, text)

    return take


def _text(name: str) -> Taker:
    longest = LONGEST.get(name, 0)

    def take(row: Row, text: str) -> None:
        if name not in row.facts and text not in BLANK:
            fits = not longest or len(text) <= longest
            row.facts[name] = text if fits else row.fitting(name, text)

    return take


def _email(row: Row, text: str) -> None:
    if row.facts.get("email_key") or text in BLANK:
        return
    key = email_key(text)
    if key or "email" not in row.facts:
        row.facts["email"] = row.fitting("email", text)
        row.facts["email_key"] = key if row.facts["email"] and len(key) <= LONGEST["email"] else ""


def _phone(row: Row, text: str) -> None:
    if row.facts.get("phone_e164") or text in BLANK:
        return
    number = phone_e164(text, row.region)
    if number or "phone" not in row.facts:
        row.facts["phone"] = row.fitting("phone", text) or number
        row.facts["phone_e164"] = number


def _company(row: Row, text: str) -> None:
    if not row.company and text not in BLANK:
        row.company = row.fitting("company", text)


def _channel(row: Row, text: str) -> None:
    if not row.channel and text not in BLANK:
        row.channel = row.fitting("channel", text)


def _tags(row: Row, text: str) -> None:
    for sign in ";|，；、\n":
        text = text.replace(sign, ",")
    for tag in (part.strip() for part in text.split(",")):
        if len(tag) > LONGEST_TAG:
            message = _("The text was cut to %(longest)d characters.") % {"longest": LONGEST_TAG}
            row.warn("tags", "too_long", message)
            tag = tag[:LONGEST_TAG]
        if tag and tag not in BLANK and tag not in row.tags:
            row.tags.append(tag)


def _credit_code(row: Row, text: str) -> None:
    """A code with a wrong check digit is somebody else's or nobody's: said, and left out."""
    if "credit_code" in row.facts or text in BLANK:
        return
    code = credit_code(text)
    if code:
        row.facts["credit_code"] = code
    else:
        row.warn("credit_code", "invalid", wrong_code())


def _employees(row: Row, text: str) -> None:
    if "employees" in row.facts or text in BLANK:
        return
    count = parse_employees(text)
    if count is None:
        row.warn("employees", "invalid", _("“%(text)s” is no number of people.") % {"text": text[:60]})
    else:
        row.facts["employees"] = count


def _budget_in(factor: int, currency: str) -> Taker:
    """Amounts of a column whose name gives a unit: "50" in "预算(万元)" is 500,000 CNY; "50万" says it itself."""

    def take(row: Row, text: str) -> None:
        if "budget_amount" in row.facts:
            return
        money = parse_money(text, row.facts.get("budget_currency") or currency or row.currency)
        if money is not None:
            plain = factor > 1 and not names_unit(text)
            row.facts["budget_amount"] = money.amount * factor if plain else money.amount
            row.facts["budget_currency"] = money.currency
            return
        status = known_choice("budget_status", text)
        if status is not None:
            row.facts.setdefault("budget_status", status)
        elif text not in BLANK:
            row.warn("budget_amount", "invalid", _("“%(text)s” is no amount of money.") % {"text": text[:60]})

    return take


def _currency(row: Row, text: str) -> None:
    code = text.upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        row.facts["budget_currency"] = code
    elif text not in BLANK:
        row.warn(
            "budget_currency", "invalid", _("“%(text)s” is no currency, such as EUR.") % {"text": text[:60]}
        )


SPECIAL: dict[str, Taker] = {
    "email": _email,
    "phone": _phone,
    "company": _company,
    "credit_code": _credit_code,
    "channel": _channel,
    "tags": _tags,
    "employees": _employees,
    "budget_currency": _currency,
}


def _choose(row: Row, name: str, text: str) -> None:
    value = known_choice(name, text)
    if value is not None:
        row.facts.setdefault(name, value)
    elif text not in BLANK:
        row.warn(name, "unknown_value", _("“%(text)s” is not a known value.") % {"text": text[:60]})


def _day(name: str, order: DateOrder) -> Taker:
    def take(row: Row, text: str) -> None:
        day = parse_day(text, order)
        if day is not None:
            row.facts.setdefault(name, day)
        elif text not in BLANK:
            row.warn(name, *_why_no_day(text))

    return take


def _why_no_day(text: str) -> tuple[str, str]:
    if is_ambiguous(text):
        message = _("“%(text)s”: say whether the day or the month comes first.")
        return "ambiguous_date", message % {"text": text[:60]}
    return "invalid", _("“%(text)s” is no date.") % {"text": text[:60]}


@lru_cache(maxsize=4_096)
def _value(kind: str, text: str, order: DateOrder) -> Any:
    """A cell as a custom field of that kind stores it; None when it is none of that kind."""
    if kind == "number":
        return parse_number(text)
    if kind == "boolean":
        return truth(text)
    if kind == "date":
        day = parse_day(text, order)
        return day.isoformat() if day else None
    return text


def _attribute(key: str, kind: str, order: DateOrder) -> Taker:
    def take(row: Row, text: str) -> None:
        if key in row.attributes:
            return
        value = text if kind in ("text", "choice") else _value(kind, text, order)
        if value is not None and (kind == "boolean" or text not in BLANK):
            row.attributes[key] = value
        elif text not in BLANK:
            row.warn(ATTRIBUTE + key, *_why_not(kind, text))

    return take


def _why_not(kind: str, text: str) -> tuple[str, str]:
    if kind == "date":
        return _why_no_day(text)
    if kind == "number":
        return "invalid", _("“%(text)s” is no number.") % {"text": text[:60]}
    return "invalid", _("“%(text)s” is neither yes nor no.") % {"text": text[:60]}
