"""A lead's assessment as it stands: each question with its latest answer; what nobody asked yet is there, too."""

from dataclasses import dataclass
from typing import Any

from leads import frameworks
from leads.facts import KNOWN_CHOICES
from leads.models import Answer, Lead


@dataclass
class Asked:
    """A question and where its answer stands. ``known``: the facts that are filled in."""

    question: frameworks.Question
    known: dict[str, Any]
    answer: Answer | None
    times: int = 0

    @property
    def verdict(self) -> str:
        return self.answer.verdict if self.answer else ""

    @property
    def unknown(self) -> bool:
        """Nobody asked, and no fact tells."""
        return not self.known and not (self.answer and (self.answer.verdict or self.answer.note))


def assessment_of(lead: Lead) -> list[Asked]:
    """The workspace's questions with what is known of this lead: two statements."""
    _name, questions = frameworks.active()
    answers: dict[str, list[Answer]] = {}
    for one in Answer.objects.filter(lead=lead).select_related("member").order_by("-at", "-created_at"):
        answers.setdefault(one.question, []).append(one)
    return [
        Asked(
            one,
            known_facts(lead, one),
            next(iter(answers.get(one.key, [])), None),
            len(answers.get(one.key, [])),
        )
        for one in questions
    ]


def known_facts(lead: Lead, question: frameworks.Question) -> dict[str, Any]:
    found = {name: getattr(lead, name) for name in question.facts}
    return {
        name: value
        for name, value in found.items()
        if value not in (None, "") and not said_nothing(name, value)
    }


def said_nothing(name: str, value: Any) -> bool:
    return name in KNOWN_CHOICES and value == "unknown"
