"""What scoring writes into timelines, as sentences."""

from django.utils.translation import gettext as _

from leads.telling import Data, Reader, Sentence


def graded(data: Data, reader: Reader) -> str:
    places = {"before": data.get("from"), "after": data.get("to"), "score": data.get("score")}
    return _("Grade %(before)s became %(after)s, at %(score)s points") % places


SENTENCES: dict[str, Sentence] = {"graded": graded}
