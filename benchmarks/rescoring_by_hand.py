"""What somebody would write by hand for exactly the benchmark's card: one statement, every rule spelled out.

It does the same: reads the same rows, writes the same columns of the same leads, and tells changed grades.
"""

STATEMENT = """
WITH seen AS (
    SELECT lead_id,
        count(*) FILTER (WHERE kind = 'inquiry') AS inquiries,
        count(*) FILTER (WHERE kind = 'pricing_page' AND at >= %(now)s - interval '30 days') AS prices,
        count(*) FILTER (WHERE kind = 'webinar') AS webinars,
        count(*) FILTER (WHERE kind = 'download') AS downloads,
        count(*) FILTER (WHERE kind = 'page_view' AND at >= %(now)s - interval '30 days') AS views,
        LEAST(min(at) FILTER (WHERE at >= %(now)s - interval '30 days') + interval '720 hours 1 microsecond',
              min(at) + interval '2160 hours 1 microsecond') AS next
    FROM leads_touch
    WHERE workspace_id = %(workspace)s AND at BETWEEN %(now)s - interval '90 days' AND %(now)s
      AND kind IN ('inquiry', 'pricing_page', 'webinar', 'download', 'page_view')
    GROUP BY lead_id
), pointed AS (
    SELECT l.id, l.grade AS was_grade, l.score AS was_score, l.scorecard_id AS was_card, l.score_parts AS was_parts,
        l.rescore_at AS was_next, s.next,
        CASE WHEN lower(l.industry) IN ('manufacturing', 'technology', 'software', '软件', 'financial services',
                                           'pharma') THEN 15 ELSE 0 END AS p0,
        CASE WHEN l.employees >= 50 THEN 5 ELSE 0 END AS p1,
        CASE WHEN lower(l.region) IN ('beijing', 'shanghai', 'bavaria') THEN 5 ELSE 0 END AS p2,
        CASE WHEN l.pain <> '' THEN 20 ELSE 0 END AS p3,
        CASE WHEN l.need_level = 'clear' THEN 15 ELSE 0 END AS p4,
        CASE WHEN l.need_level = 'urgent' THEN 25 ELSE 0 END AS p5,
        CASE WHEN lower(l.attributes ->> 'source_status') IN ('pre qualified', 'qualified') THEN 20 ELSE 0 END AS p6,
        CASE WHEN l.timeline_date IS NOT NULL THEN 5 ELSE 0 END AS p7,
        CASE WHEN l.budget_status = 'approved' THEN 20 ELSE 0 END AS p8,
        CASE WHEN l.budget_status = 'estimated' THEN 15 ELSE 0 END AS p9,
        CASE WHEN l.budget_amount IS NOT NULL THEN 10 ELSE 0 END AS p10,
        CASE WHEN l.authority IN ('decision_maker', 'economic_buyer') THEN 15 ELSE 0 END AS p11,
        CASE WHEN l.authority = 'influencer' THEN 8 ELSE 0 END AS p12,
        CASE WHEN strpos(lower(l.title), 'director') > 0 OR lower(l.title) IN ('ceo', '总监') THEN 8 ELSE 0 END AS p13,
        CASE WHEN s.inquiries > 0 THEN 10 ELSE 0 END AS p14,
        CASE WHEN s.prices > 0 THEN 8 ELSE 0 END AS p15,
        CASE WHEN s.webinars > 0 THEN 5 ELSE 0 END AS p16,
        CASE WHEN s.downloads > 0 THEN 5 ELSE 0 END AS p17,
        CASE WHEN s.views >= 3 THEN 4 ELSE 0 END AS p18,
        CASE WHEN lower(l.attributes ->> 'source_status') IN ('junk lead', 'junk') THEN -20 ELSE 0 END AS p19
    FROM leads_lead l LEFT JOIN seen s ON s.lead_id = l.id
    WHERE l.workspace_id = %(workspace)s
    OFFSET 0
), summed AS (
    SELECT *, GREATEST(0, LEAST(20, p0 + p1 + p2) + LEAST(25, p3 + p4 + p5 + p6 + p7) + LEAST(20, p8 + p9 + p10)
        + LEAST(15, p11 + p12 + p13) + LEAST(20, p14 + p15 + p16 + p17 + p18) + p19) AS score
    FROM pointed
    OFFSET 0
), scored AS (
    SELECT *, CASE WHEN score >= 80 THEN 'A' WHEN score >= 60 THEN 'B' WHEN score >= 40 THEN 'C' ELSE 'D' END AS grade,
        to_jsonb(concat_ws(' ',
            CASE WHEN p0 <> 0 THEN '0:15' END, CASE WHEN p1 <> 0 THEN '1:5' END, CASE WHEN p2 <> 0 THEN '2:5' END,
            CASE WHEN p3 <> 0 THEN '3:20' END, CASE WHEN p4 <> 0 THEN '4:15' END, CASE WHEN p5 <> 0 THEN '5:25' END,
            CASE WHEN p6 <> 0 THEN '6:20' END, CASE WHEN p7 <> 0 THEN '7:5' END, CASE WHEN p8 <> 0 THEN '8:20' END,
            CASE WHEN p9 <> 0 THEN '9:15' END, CASE WHEN p10 <> 0 THEN '10:10' END, CASE WHEN p11 <> 0 THEN '11:15' END,
            CASE WHEN p12 <> 0 THEN '12:8' END, CASE WHEN p13 <> 0 THEN '13:8' END, CASE WHEN p14 <> 0 THEN '14:10' END,
            CASE WHEN p15 <> 0 THEN '15:8' END, CASE WHEN p16 <> 0 THEN '16:5' END, CASE WHEN p17 <> 0 THEN '17:5' END,
            CASE WHEN p18 <> 0 THEN '18:4' END, CASE WHEN p19 <> 0 THEN '19:-20' END)) AS parts
    FROM summed
), changed AS (
    UPDATE leads_lead l SET score = s.score, grade = s.grade, score_parts = s.parts, scorecard_id = %(card)s,
        scored_at = %(now)s, rescore_at = s.next
    FROM scored s
    WHERE l.workspace_id = %(workspace)s AND l.id = s.id
      AND (s.score <> s.was_score OR s.grade <> s.was_grade OR s.was_card IS DISTINCT FROM %(card)s
           OR s.next IS DISTINCT FROM s.was_next OR s.parts <> s.was_parts)
    RETURNING l.id, s.was_grade, l.grade, l.score
), told AS (
    INSERT INTO leads_timelineentry (id, created_at, updated_at, workspace_id, lead_id, at, kind, data)
    SELECT leadcrm_uuid7(), %(now)s, %(now)s, %(workspace)s, id, %(now)s, 'graded',
        jsonb_build_object('from', was_grade, 'to', grade, 'score', score)
    FROM changed WHERE grade <> was_grade
)
SELECT count(*) FROM changed
"""
