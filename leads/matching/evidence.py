"""What a lead says about who it is, as texts that can be compared: one row a lead, one column a field.

Own fields of a workspace count like built-in ones: which of them tell people apart is learned (learn.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np

from leads.models import Lead
from leads.normalise.chinese import simplified
from leads.normalise.companies import company_core
from leads.normalise.credit_codes import LENGTH, credit_code
from leads.normalise.domains import FREE_MAIL, domain_of
from leads.normalise.texts import fold

Hashes = np.ndarray  # int64 by lead; 0 where nothing is said
COLUMNS = (
    *("id", "name", "email_key", "phone_e164", "wechat", "credit_code", "company__name", "domain", "title"),
    "region",
)
BUILT_IN = ("name", "email", "phone", "wechat", "credit_code", "company", "domain", "title", "region")
# An organisation is no person: of these the strongest counts, not their sum (colleagues share all of them).
ORGANISATION = ("credit_code", "company", "domain")
LONGEST = 120
WORD = re.compile(r"[^\W_]+")
CJK = re.compile(r"[\u3400-\u9fff]")
SOUNDS = {
    letter: digit
    for digit, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}


@dataclass(frozen=True)
class Shapes:
    """By lead, of one field: how long its text is, whether it is a number, whether it has several words."""

    length: np.ndarray
    number: np.ndarray
    words: np.ndarray


@dataclass
class Evidence:
    """Texts by field, hashes by field; ``ids`` names the leads, in the order of the rows."""

    ids: list[UUID]
    texts: dict[str, list[str]] = field(default_factory=dict)
    exact: dict[str, Hashes] = field(default_factory=dict)
    _shapes: dict[str, Shapes] = field(default_factory=dict)
    _rough: dict[str, list[Hashes]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def fields(self) -> list[str]:
        return list(self.texts)

    def shapes(self, name: str) -> Shapes:
        """Worked out once."""
        if name not in self._shapes:
            texts, many = self.texts[name], len(self)
            self._shapes[name] = Shapes(
                np.fromiter(map(len, texts), np.int32, many),
                np.fromiter(map(is_number, texts), bool, many),
                np.fromiter((" " in text for text in texts), bool, many),
            )
        return self._shapes[name]

    def rough(self, name: str) -> list[Hashes]:
        """The hashes of one or two rough forms of a field's texts; worked out once, for each text once."""
        if name not in self._rough:
            _each, first, back = np.unique(self.exact[name], return_index=True, return_inverse=True)
            forms = [sounds(name, self.texts[name][at]) for at in first]
            columns = [[form[place] if len(form) > place else "" for form in forms] for place in range(2)]
            self._rough[name] = [hashed(column)[back] if any(column) else NO_FORM for column in columns]
        return self._rough[name]


NO_FORM = np.array([], np.int64)


def is_number(text: str) -> bool:
    """Digits and hyphens: a day, a postcode, a number of something. One other digit is another number."""
    return text.replace("-", "").isdigit()


def read(ids: Sequence[UUID]) -> Evidence:
    """The evidence of leads of the open workspace: one statement. Leads that are gone are left out."""
    rows = list(Lead.objects.filter(pk__in=ids).order_by("pk").values_list(*COLUMNS, "attributes"))
    return gather([row[0] for row in rows], [said(row) for row in rows])


def said(row: Sequence[Any]) -> dict[str, str]:
    """What one lead says: {field: text}, with what is blank left out."""
    _pk, name, email, phone, wechat, code, company, domain, title, region, attributes = row
    found = {
        "name": as_name(name),
        "email": email,
        "phone": phone.lstrip("+"),
        "wechat": wechat.lower(),
        "credit_code": code,
        "company": company_core(company) if company else "",
        "domain": "" if domain in FREE_MAIL else domain_of(domain),
        "title": plain(title),
        "region": plain(region),
    }
    for key, value in attributes.items():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = plain(str(value))
            if len(text) == LENGTH and (found_code := credit_code(text)):
                found["credit_code"] = found["credit_code"] or found_code
            elif text and len(text) <= LONGEST:
                found[f"attributes.{key}"] = text
    return {name: text for name, text in found.items() if text}


def gather(ids: list[UUID], rows: list[dict[str, str]]) -> Evidence:
    fields = dict.fromkeys(BUILT_IN)
    for row in rows:
        fields.update(dict.fromkeys(row))
    texts = {name: [row.get(name, "") for row in rows] for name in fields}
    texts = {name: column for name, column in texts.items() if any(column)}
    return Evidence(ids, texts, {name: hashed(column) for name, column in texts.items()})


def plain(text: str) -> str:
    return " ".join(simplified(fold(text)).split()) if text else ""


def as_name(text: str) -> str:
    """A person's name without order: "Lei, LI" and "Li Lei" are one."""
    return " ".join(sorted(WORD.findall(plain(text))))


def hashed(column: Iterable[str]) -> Hashes:
    return np.array([number(text) for text in column], dtype=np.int64)


def number(text: str) -> int:
    """A text as a signed 64-bit number, the same on every machine and in every field; 0 for none."""
    if not text:
        return 0
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


def sounds(name: str, text: str) -> list[str]:
    """One or two rough forms of a text that survive most slips of the pen: how its words sound, a year and a day,
    the end of a number."""
    if not text:
        return []
    if name == "email":
        local, _at, domain = text.partition("@")
        return [soundex(re.sub(r"[\d._+-]", "", local)) or local, domain[:4]]
    digits = re.sub(r"\D", "", text)
    if len(digits) == 8 and len(digits) >= len(text) - 2:
        return [digits[:4], digits[4:]] if len(text) == 8 else [text[:4], text[-2:] + text[5:7]]
    if len(digits) * 2 > len(text):
        return [digits[-7:], digits[:3]] if len(digits) > 6 else [digits]
    if CJK.search(text):
        return [text[:2], text[-2:]] if len(text) > 2 else [text]
    words = WORD.findall(text)
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return [soundex(word) or word for word in ends]


def soundex(word: str) -> str:
    """American Soundex (National Archives, General Information Leaflet 55); '' for a word without Latin letters."""
    letters = [letter for letter in word if "a" <= letter <= "z"]
    if not letters:
        return ""
    code, last = letters[0], SOUNDS.get(letters[0])
    for letter in letters[1:]:
        sound = SOUNDS.get(letter)
        if sound and sound != last:
            code += str(sound)
        if letter not in "hw":
            last = sound
    return code[:4].ljust(4, "0")
