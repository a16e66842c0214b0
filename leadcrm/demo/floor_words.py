"""What the demo's sales floor is called, in two languages: teams, rules, policies, days off, reasons."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FloorWords:
    key_team: str
    other_team: str
    empty_team: str
    country: str
    day_off: str
    key_policy: str
    a_policy: str
    a_response: str
    next_response: str
    claim_rule: str
    largest: str
    by_level: str
    regional: str
    closers: str
    partners: str
    one_person: str
    leave: str
    extension: str
    lock: str
    no_real_lead: str
    handover: str
    given_back: str
    mention: str


FLOOR = {
    "en": FloorWords(
        key_team="Key accounts",
        other_team="Regions",
        empty_team="Partner sales",
        country="US",
        day_off="Company day",
        key_policy="Key accounts: 30 days",
        a_policy="A leads: a follow-up every 3 days",
        a_response="A leads: first contact within 4 working hours",
        next_response="A leads: next follow-up within 5 working days",
        claim_rule="Large companies are claimed by key accounts",
        largest="Large companies",
        by_level="A leads to seniors, C and D to beginners",
        regional="California and Texas, by weight",
        closers="Pharma: who closes such leads best",
        partners="Education goes to partner sales",
        one_person="Lombardy",
        leave="Annual leave",
        extension="Their plant is closed for stocktaking until next week",
        lock="Framework agreement is being drafted; it stays with her until it is signed",
        no_real_lead="The number belongs to somebody else",
        handover="Tom is on leave until next week",
        given_back="They only speak French, I don't",
        mention="@{name} they know your customer next door, can you join the next call?",
    ),
    "zh-hans": FloorWords(
        key_team="大客户组",
        other_team="区域组",
        empty_team="渠道合作组",
        country="CN",
        day_off="公司日",
        key_policy="大客户：30 天",
        a_policy="A 级线索：每 3 天跟进",
        a_response="A 级线索：4 个工作小时内首次联系",
        next_response="A 级线索：5 个工作日内再次跟进",
        claim_rule="大企业由大客户组领取",
        largest="大企业",
        by_level="A 级给资深，C、D 级给新人",
        regional="上海和江苏，按权重",
        closers="医药：谁成交率高",
        partners="教育行业交给渠道合作组",
        one_person="四川",
        leave="年假",
        extension="客户工厂盘点停工，下周恢复",
        lock="框架合同起草中，签订前由她负责",
        no_real_lead="号码是别人的",
        handover="周涛休假到下周",
        given_back="客户只讲粤语，我不会",
        mention="@{name} 他们认识你隔壁的客户，下次电话能一起吗？",
    ),
}
