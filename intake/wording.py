"""Words that lists use for yes and no, for nothing at all, and for the values of the five questions."""

import re
from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy, override

from leads.normalise import fold

NUMBERED = re.compile(r" \(\d+\)$")
# The two columns that a file of rejected rows has beside the list's own.
ROW, REASON = gettext_lazy("Row"), gettext_lazy("Reason")

BLANK_WORDS = "- -- --- — / n/a #n/a null (null) nil \\n (blank) 无 暂无 空"
TRUE_WORDS = "true yes y t on x ✓ √ 是 有 对 真 已 ja oui si sí"
FALSE_WORDS = "false no n f off ✗ × 否 无 没有 不是 假 未 nein non"
BLANK = frozenset(f"{BLANK_WORDS} {BLANK_WORDS.upper()} {BLANK_WORDS.title()}".split())
TRUE, FALSE = frozenset(TRUE_WORDS.split()), frozenset(FALSE_WORDS.split())

NEED = {
    "none": "none no 无 没有 无需求 没有需求",
    "vague": "vague low cold exploring curious 模糊 不明确 低 了解一下 随便看看 意向低",
    "clear": "clear medium warm defined evaluating 明确 清晰 中 有需求 意向中",
    "urgent": "urgent high hot immediate asap 紧急 急 迫切 高 急需 意向高",
}
BUDGET = {
    "none": "none no 无 没有 无预算 没有预算",
    "estimated": "estimated estimate planned range expected 预估 估计 计划中 有范围 待批 申请中 大概",
    "approved": "approved confirmed yes allocated granted 已批准 批准 已确认 有 有预算 已审批 审批通过",
}
AUTHORITY = {
    "user": "user enduser staff employee 使用者 用户 员工 普通员工",
    "influencer": "influencer evaluator recommender manager champion 影响者 建议者 推荐者 经理 主管",
    "decision_maker": "decisionmaker decider director head vp 决策者 决策人 决定者 总监 负责人",
    "economic_buyer": "economicbuyer budgetowner owner ceo cfo founder 预算负责人 拍板人 老板 总经理 董事长"
    " 创始人 财务负责人",
}


def _by_word(groups: dict[str, str]) -> dict[str, str]:
    words = {word: value for value, words in groups.items() for word in words.split()}
    return words | {squeeze(value): value for value in groups}


def squeeze(text: str) -> str:
    """Lower case, without anything but letters and digits: how words and column names are compared."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


CHOICES = {
    "need_level": _by_word(NEED),
    "budget_status": _by_word(BUDGET),
    "authority": _by_word(AUTHORITY),
}
UNKNOWN = frozenset(("", "unknown", "未知", "不详", "不清楚", "未确认"))


def known_choice(field: str, text: str) -> str | None:
    """The value a word stands for ("unknown" for none given); None for a word that nobody taught us."""
    word = squeeze(text)
    return "unknown" if word in UNKNOWN else CHOICES[field].get(word)


def truth(text: str) -> bool | None:
    word = fold(text).strip()
    if word in TRUE or word == "1":
        return True
    return False if word in FALSE or word == "0" else None


@cache
def _of_rejected() -> frozenset[tuple[str, str]]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add((squeeze(str(ROW)), squeeze(str(REASON))))
    return frozenset(found)


def added_by_us(columns: Sequence[str]) -> tuple[str, ...]:
    """The row's number and the reason, when a mended file of rejected rows comes back with them, in any language.

    A list with a column of that name of its own has its number behind ours: "Row (2)".
    """
    last = tuple(columns[-2:])
    return last if tuple(squeeze(NUMBERED.sub("", name)) for name in last) in _of_rejected() else ()
