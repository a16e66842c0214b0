# ruff: noqa: E501 (tables read better as tables)
"""The rows of the benchmarks, made set-based: leads with companies, contacts, tags, touches and follow-ups.

Secondary indexes are dropped first and made again at the end, as everybody does who loads much.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from benchmarks import database
from workspaces.actions import add_member, create_workspace
from workspaces.models import Role, Workspace
from workspaces.tenancy import enter

LOADED = (
    "leads_lead",
    "leads_touch",
    "leads_followup",
    "leads_identity",
    "leads_company",
    "leads_contact",
    "leads_leadcontact",
    "leads_leadtag",
)
SLICES = 4  # workspaces take turns, so that their rows lie mixed in the files as they do in life

BASE = "leadcrm_uuid7(), %(now)s, %(now)s, %(workspace)s::uuid"
COMPANIES = f"""
INSERT INTO leads_company (id, created_at, updated_at, workspace_id, name, name_key, domain, website, industry,
                           region, employees, search)
SELECT {BASE}, 'Company ' || n, 'company ' || n, 'company' || n || '.example', '', '', '',
       (hashint8(n) & 1023), ' company ' || n || ' company' || n || '.example '
FROM generate_series(1, %(companies)s) n"""

# h, i, j: three independent hashes of the lead's number; every choice takes its own bits of them.
LEADS = f"""
INSERT INTO leads_lead (id, created_at, updated_at, workspace_id,
    name, title, email, email_key, phone, phone_e164, wechat, company_id, website, domain, industry, region,
    employees, channel_id, campaign, external_id, pain, need_level, budget_amount, budget_currency,
    budget_status, authority, decision_process, timeline_date, attributes, search,
    stage, stage_since, pool, pool_since, owner_id, held_since, score, grade, score_parts, reclaim_at,
    reclaim_reason, warn_at, last_follow_up_at, deferral, version, captured_at)
SELECT {BASE},
    person, (ARRAY['', '', 'CEO', 'Purchasing manager', 'Director of operations', 'Engineer', '总监', 'Assistant'])[1 + (h & 7)],
    mail, mail, '+1 ' || phone, '+1' || phone, '', c.id, '', c.domain,
    (ARRAY['Manufacturing', 'Technology', 'Education', 'Retail', 'Financial Services', 'Pharma', '软件', 'Consulting'])[1 + (h >> 3 & 7)],
    (ARRAY['Beijing', 'Shanghai', 'Bavaria', 'Ohio'])[1 + (h >> 6 & 3)],
    CASE WHEN h >> 8 & 3 > 0 THEN (h >> 10 & 4095) END, ch.id, '', 'bench-' || n,
    CASE WHEN i & 3 = 0 THEN 'Orders are copied by hand from one system into the next' ELSE '' END,
    (ARRAY['unknown', 'unknown', 'unknown', 'vague', 'vague', 'clear', 'clear', 'urgent'])[1 + (i >> 2 & 7)],
    CASE WHEN i >> 5 & 3 = 0 THEN (i >> 7 & 4095) * 10000 END, CASE WHEN i >> 5 & 3 = 0 THEN 'USD' ELSE '' END,
    (ARRAY['unknown', 'unknown', 'estimated', 'approved'])[1 + (i >> 19 & 3)],
    (ARRAY['unknown', 'unknown', 'user', 'user', 'influencer', 'influencer', 'decision_maker', 'economic_buyer'])[1 + (i >> 21 & 7)],
    '', CASE WHEN i >> 24 & 3 = 0 THEN %(now)s::date + (i >> 26 & 31) END,
    CASE WHEN j & 1 = 0 THEN '{{}}'::jsonb ELSE jsonb_build_object('source_status',
        (ARRAY['Contacted', 'Pre Qualified', 'Junk Lead', 'Not Contacted'])[1 + (j >> 1 & 3)]) END,
    ' ' || lower(person) || ' company ' || c.number || ' @' || c.domain || ' '
        || CASE WHEN person LIKE '张伟%%' THEN 'zhangwei zw ' ELSE '' END || E'\\n ' || mail || ' ' || phone || ' ',
    stage, %(now)s - make_interval(days => j >> 3 & 31), pool,
    %(now)s - make_interval(days => j >> 8 & 31), m.id, CASE WHEN pool = 'sales' THEN %(now)s - make_interval(days => j >> 8 & 31) END,
    points, CASE WHEN points >= 80 THEN 'A' WHEN points >= 60 THEN 'B' WHEN points >= 40 THEN 'C' ELSE 'D' END, '[]',
    CASE WHEN pool = 'sales' THEN %(now)s + make_interval(hours => 1 + (j >> 13 & 127)) END,
    CASE WHEN pool = 'sales' THEN 'follow_up' ELSE '' END, CASE WHEN pool = 'sales' THEN %(now)s + make_interval(mins => 30 * (1 + (j >> 13 & 127))) END,
    CASE WHEN pool = 'sales' THEN %(now)s - make_interval(hours => j >> 13 & 255) END, '{{}}', 1,
    %(now)s - make_interval(days => h >> 20 & 511, secs => n %% 86400)
FROM (
    SELECT *, (ARRAY['Li', 'Wang', 'Maria', 'John', 'Fatima', 'Olga', '张伟', 'Priya'])[1 + (h >> 22 & 7)]
            || ' ' || (ARRAY['Miller', 'Chen', 'Smith', 'Garcia', 'Weber', 'Khan', 'Rossi', 'Novak'])[1 + (h >> 25 & 7)]
            || n AS person,
        'person' || n || '@company' || (n %% %(companies)s + 1) || '.example' AS mail,
        (2000000000 + n)::text AS phone,
        (ARRAY['lead', 'lead', 'lead', 'lead', 'lead', 'lead', 'lead', 'lead', 'lead', 'lead', 'mql', 'mql', 'mql',
               'sql', 'opportunity', 'deferred'])[1 + (j >> 21 & 15)] AS stage,
        (ARRAY['sales', 'sales', 'lead', 'recycle'])[1 + (j >> 25 & 3)] AS pool,
        (i >> 4 & 127) * (h >> 15 & 127) / 162 AS points  -- scores as they come: many low, few high
    FROM (SELECT n, hashint8(n) & 2147483647 h, hashint8(n + 1000000007) & 2147483647 i,
                 hashint8(n + 2000000011) & 2147483647 j
          FROM generate_series(%(first)s, %(last)s) n) numbers
) made
JOIN (SELECT id, domain, substr(name, 9)::bigint AS number FROM leads_company
      WHERE workspace_id = %(workspace)s::uuid) c ON c.number = n %% %(companies)s + 1
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM leads_channel
      WHERE workspace_id = %(workspace)s::uuid) ch ON ch.place = n %% ch.many
LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many
      FROM workspaces_member WHERE workspace_id = %(workspace)s::uuid AND role = 'rep') m
      ON m.place = n %% m.many AND pool = 'sales'"""

# Ten touches for each lead on average, in the order of time, more of them lately.
TOUCHES = f"""
INSERT INTO leads_touch (id, created_at, updated_at, workspace_id, lead_id, kind, at, data)
SELECT {BASE}, lead_id, (ARRAY['page_view', 'page_view', 'page_view', 'page_view', 'email_open', 'email_open',
    'pricing_page', 'form_submit', 'download', 'webinar', 'inquiry', 'email_open'])[1 + (random() * 11.99)::int %% 12],
    at, '{{}}'
FROM (
    SELECT l.id AS lead_id, %(now)s - make_interval(secs => random() * random() * 15000000) AS at
    FROM (SELECT id, (random() * 20)::int AS many FROM leads_lead WHERE workspace_id = %(workspace)s::uuid) l
    CROSS JOIN LATERAL generate_series(1, l.many) t
    ORDER BY 2
) seen"""
FOLLOW_UPS = f"""
INSERT INTO leads_followup (id, created_at, updated_at, workspace_id, lead_id, member_id, at, channel, summary,
    outcome, customer_initiated, next_action)
SELECT {BASE}, l.id, l.owner_id, l.last_follow_up_at, 'call', 'Talked', 'reached',
    hashtext(l.external_id) & 7 = 0, ''
FROM leads_lead l WHERE l.workspace_id = %(workspace)s::uuid AND l.last_follow_up_at IS NOT NULL"""
IDENTITIES = f"""
INSERT INTO leads_identity (id, created_at, updated_at, workspace_id, lead_id, kind, value)
SELECT {BASE}, l.id, kind, value FROM leads_lead l
CROSS JOIN LATERAL (VALUES ('email', l.email_key), ('phone', l.phone_e164)) known (kind, value)
WHERE l.workspace_id = %(workspace)s::uuid"""
CONTACTS = f"""
INSERT INTO leads_contact (id, created_at, updated_at, workspace_id, company_id, name, title, email, phone, wechat)
SELECT {BASE}, c.id, 'Contact of ' || c.name, '', '', '', '' FROM leads_company c
WHERE c.workspace_id = %(workspace)s::uuid"""
PEOPLE = f"""
INSERT INTO leads_leadcontact (id, created_at, updated_at, workspace_id, lead_id, contact_id, role)
SELECT {BASE}, l.id, c.id, (ARRAY['user', 'influencer', 'champion', 'decision_maker', 'economic_buyer'])[1 + mod(h, 5)]
FROM (SELECT id, company_id, workspace_id, hashtext(external_id) & 65535 AS h FROM leads_lead
      WHERE workspace_id = %(workspace)s::uuid) l
JOIN leads_contact c ON c.workspace_id = l.workspace_id AND c.company_id = l.company_id WHERE l.h & 7 = 0"""
TAGS = f"""
INSERT INTO leads_tag (id, created_at, updated_at, workspace_id, name, name_key)
SELECT {BASE}, name, name FROM unnest(ARRAY['student', 'competitor', 'vip', 'newsletter']) name"""
TAGGED = f"""
INSERT INTO leads_leadtag (id, created_at, updated_at, workspace_id, lead_id, tag_id)
SELECT {BASE}, l.id, t.id FROM leads_lead l JOIN leads_tag t ON t.workspace_id = l.workspace_id
WHERE l.workspace_id = %(workspace)s::uuid AND t.name_key IN ('student', 'competitor', 'vip', 'newsletter')
  AND hash_record_extended(ROW(l.external_id, t.name), 0) & 31 = 0"""


def workspaces(many: int) -> list[Workspace]:
    """Workspaces with their defaults and ten reps each."""
    made = []
    for number in range(many):
        found = create_workspace(
            f"Bench {number}",
            slug=f"bench-{number}",
            email=f"bench{number}@bench.test",
            password="fast lane 2000",
        )
        with enter(found.workspace):
            for rep in range(10):
                add_member(
                    email=f"rep{rep}.{number}@bench.test",
                    name=f"Rep {rep}",
                    role=Role.REP,
                    capacity=1_000_000,
                    actor=None,
                    as_of=found.workspace.created_at,
                )
        made.append(found.workspace)
    return made


def count(found: list[Workspace]) -> int:
    """How many leads these workspaces have in all; each is asked for its own."""
    many = 0
    with database.as_owner() as cursor:
        for one in found:
            cursor.execute("SELECT set_config('app.workspace_id', %s, false)", [str(one.pk)])
            cursor.execute("SELECT count(*) FROM leads_lead WHERE workspace_id = %s", [str(one.pk)])
            many += cursor.fetchone()[0]
    return many


def fill(found: list[Workspace], each: int, now: datetime, *, history: bool = True) -> None:
    """``each`` leads in every workspace, with all that hangs on them; without ``history`` no touches, follow-ups,
    people and tags."""
    after = (TOUCHES, FOLLOW_UPS, IDENTITIES, PEOPLE, TAGGED) if history else (IDENTITIES,)
    facts = [
        {"workspace": str(one.pk), "now": now, "companies": max(each // 10, 1), "each": each} for one in found
    ]
    with database.as_owner() as cursor, without_indexes(cursor):
        everywhere(cursor, facts, COMPANIES, CONTACTS, TAGS)
        for part in range(SLICES):
            span = {"first": each * part // SLICES + 1, "last": each * (part + 1) // SLICES}
            everywhere(cursor, [one | span for one in facts], LEADS)
        cursor.execute("ANALYZE")
        cursor.execute("SELECT setseed(0.5)")  # the same rows in every run
        everywhere(cursor, facts, *after)
    with database.as_owner() as cursor:
        cursor.execute("VACUUM ANALYZE")


def everywhere(cursor: Any, facts: list[dict[str, Any]], *statements: str) -> None:
    for statement in statements:
        for one in facts:
            cursor.execute("SELECT set_config('app.workspace_id', %s, false)", [one["workspace"]])
            cursor.execute(statement, one)


@contextmanager
def without_indexes(cursor: Any, tables: Sequence[str] = LOADED, kind: str = "%") -> Iterator[None]:
    """Load without secondary indexes (of that kind), and (as a superuser) without checking each foreign key."""
    cursor.execute("SELECT current_setting('is_superuser') = 'on'")
    if cursor.fetchone()[0]:
        cursor.execute("SET session_replication_role = replica")
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "JOIN pg_class k ON k.oid = i.indexrelid JOIN pg_am m ON m.oid = k.relam AND m.amname LIKE %s "
        "LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u') "
        "WHERE i.indrelid = ANY(%s::regclass[]) AND c.oid IS NULL",
        [kind, list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
