"""A touch holds its lead while it is recorded, so that two at once are scored one after the other."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.actions import record_touches
from tests.cast import NOW, a_lead
from workspaces.models import Member


def test_the_lead_is_locked_before_its_touch_is_written(zoe: Member) -> None:
    lead = a_lead(email="a@x.io")
    with CaptureQueriesContext(connection) as asked:
        record_touches([(lead.pk, "page_view", None, {})], as_of=NOW, actor=zoe)
    first = asked.captured_queries[0]["sql"]
    assert '"leads_lead"' in first and first.endswith("FOR UPDATE")
