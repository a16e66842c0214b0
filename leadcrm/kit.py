"""The living style page: every part of the component kit with sample data, at /kit/ while DEBUG is on."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

NAMES = {
    "en": ["Marianne Oberhuber-Grünwald", "Liu Min", "Tom Baker", "Ana Sousa"],
    "zh-hans": ["李敏", "王建国", "欧阳晓雯", "陈宇"],
}
COMPANIES = {
    "en": ["Donau Maschinenbau GmbH & Co. KG", "Bright Foods", "Northwind", "Porto Têxtil"],
    "zh-hans": ["苏州精工机械股份有限公司", "青禾食品", "北风物流", "南港纺织集团"],
}
REPS = {"en": ["Ming Zhao", "Zoe Meyer", "Alice Berg"], "zh-hans": ["赵明", "周倩", "贝爱莲"]}
SAY = {
    "en": {
        "place": "Northwind Sales", "why": ["First contact is overdue", "Asked for a price yesterday",
        "Warned: goes back to the pool soon", "Downloaded the white paper"],
        "next": ["Call about the press line", "Send the revised offer", "Ask who decides", "Invite to the demo"],
        "stages": ["Lead", "MQL", "SQL", "Opportunity", "Won"], "age": "12 d",
        "parts": [("Target industry", 18, 20, "Industry is manufacturing"), ("A decision role has appeared", 15, 15,
        "Decision maker: J. Huber"), ("Need is stated", 20, 25, "Urgency is clear, pain written 3 days ago"),
        ("Budget", 0, 20, "Nothing known yet"), ("Engagement", 14, 20, "3 page views, 1 download in 30 days")],
        "five": {"fit": "Manufacturing, 400 people", "need": "Scrap rate over 8 %, wants it solved this quarter",
        "budget": None, "authority": "An influencer, not yet the one who decides", "timeline": "Go-live in September"},
        "unmet": ["Write down the pain", "Find out the budget: at least an estimate", "Name a person who decides"],
        "hint": "Good signs: names a range, compares with a market leader.",
        "chips": ["grade is A or B", "no follow-up for 5 days", "region is one of Bavaria, Tyrol, Vorarlberg"],
        "tabs": ["All", "Mine", "Going cold", "New this week"], "tags": ["website lead", "high intent", "budget clear"],
        "columns": ["Lead", "Grade", "Stage", "Owner", "Why", "Next", "Clock"],
        "story": [("ours", "called for 12 minutes", "She wants to know whether the line can run three formats. "
        "Send two references from the food industry before Friday.", ""), ("theirs", "visited the price page", "", ""),
        ("system", "gave the lead to Ming Zhao", "", "Next in turn with room; Zoe Meyer holds 100 of 100.")],
        "stats": ["New leads", "First contact in 24 h", "Qualified", "Pipeline", "Win rate"],
        "actions": [("Claim", "hand-grab", "c"), ("Assign", "user-plus", "a"), ("Tag", "tag", "t")],
        "field": ["E-mail of the person who decides", "What hurts", "Urgency", "May be called"],
        "steps": ["Enter", "Qualified", "Talk", "Offer", "Won"],
    },
    "zh-hans": {
        "place": "北风销售部", "why": ["首次联系已超时", "昨天询问了价格", "预警：即将回收", "下载了白皮书"],
        "next": ["电话沟通冲压线需求", "发送修改后的报价", "确认决策人", "邀请参加演示"],
        "stages": ["线索", "MQL", "SQL", "商机", "赢单"], "age": "12 天",
        "parts": [("目标行业", 18, 20, "行业为制造业"), ("出现决策角色", 15, 15, "决策人：胡总"),
        ("需求明确", 20, 25, "紧迫度清晰，3 天前写下痛点"), ("预算", 0, 20, "尚不清楚"),
        ("互动", 14, 20, "30 天内访问 3 次页面，下载 1 次")],
        "five": {"fit": "制造业，400 人", "need": "废品率超过 8%，希望本季度解决", "budget": None,
        "authority": "影响者，尚未见到决策人", "timeline": "九月上线"},
        "unmet": ["写下客户的痛点", "了解预算：至少有估算", "写明谁来决策"],
        "hint": "好的信号：主动问价，给出预算区间，与行业龙头比较。",
        "chips": ["等级为 A 或 B", "5 天内没有跟进", "地区为华东、华南、华北之一"],
        "tabs": ["全部", "我的", "正在变冷", "本周新增"], "tags": ["官网线索", "高意向", "预算明确"],
        "columns": ["线索", "等级", "阶段", "负责人", "原因", "下一步", "时限"],
        "story": [("ours", "电话沟通 12 分钟", "客户想确认生产线能否支持三种规格，周五前发两个食品行业案例。", ""),
        ("theirs", "访问了价格页", "", ""), ("system", "把线索分配给赵明", "", "按顺序轮到且有空位；周倩已持有 100/100。")],
        "stats": ["新增线索", "24 小时内首次联系", "已认定", "商机金额", "赢单率"],
        "actions": [("领取", "hand-grab", "c"), ("分配", "user-plus", "a"), ("打标签", "tag", "t")],
        "field": ["决策人的邮箱", "客户的痛点", "紧迫度", "可以电话联系"],
        "steps": ["进入", "认定", "沟通", "报价", "赢单"],
    },
}  # fmt: skip


def form_of(words: list[str]) -> forms.Form:
    """A form with one fault, so that every state of a field is seen."""

    class Sample(forms.Form):
        email = forms.EmailField(label=words[0])
        pain = forms.CharField(label=words[1], required=False, widget=forms.Textarea(attrs={"rows": 3}))
        urgency = forms.ChoiceField(label=words[2], choices=[("", "–"), ("clear", "clear / 清晰")], required=False)
        call = forms.BooleanField(label=words[3], required=False)

    return Sample({"email": "j.huber@", "pain": "", "urgency": ""})


def samples(language: str) -> dict[str, Any]:
    """The sample data of the style page in one language."""
    now, say = timezone.now(), SAY[language]
    reps = [Somebody(name) for name in REPS[language]]
    clocks = [timedelta(days=6, hours=4), timedelta(hours=5), timedelta(hours=-7), None]
    leads = [
        SimpleNamespace(
            id=f"lead-{n}", name=name, company=COMPANIES[language][n], grade="ABCD"[n], score=(87, 71, 48, 12)[n],
            stage=("sql", "mql", "opportunity", "lead")[n], stage_label=[say["stages"][i] for i in (2, 1, 3, 0)][n],
            owner=(reps + [None])[n], why=say["why"][n], next=say["next"][n], stage_note=say["age"],
            reclaim_at=now + clocks[n] if clocks[n] is not None else None,
            warn_at=now + timedelta(hours=12) if n else None, since=now - timedelta(days=3), href="#", peek="#",
            blocked=say["unmet"][1] if n == 1 else "",
        )
        for n, name in enumerate(NAMES[language])
    ]  # fmt: skip
    values = {"fit": 0.9, "need": 0.8, "budget": None, "authority": 0.25, "timeline": 0.6}
    form = form_of(say["field"])
    return {
        "member": reps[0],
        "workspace": SimpleNamespace(name=say["place"], slug="kit"),
        "say": say,
        "leads": leads,
        "reps": reps,
        "form": form,
        "columns": [{"label": label, "sort": ["name", "-score", "stage_since", "", "", "", "reclaim_at"][n]}
                    for n, label in enumerate(say["columns"])],
        "ordering": "-score",
        "steps": [{"label": label, "state": ("done", "done", "here", "next", "aside")[n],
                   "note": say["age"] if n < 3 else "", "href": "#" if n == 3 else ""}
                  for n, label in enumerate(say["stages"])],
        "five": {key: {"value": values[key], "text": text} for key, text in say["five"].items()},
        "parts": [{"label": label, "points": points, "of": of, "evidence": why}
                  for label, points, of, why in say["parts"]],
        "items": [{"message": say["unmet"][0], "done": True},
                  {"message": say["unmet"][1], "hint": say["hint"], "field": form["urgency"]},
                  {"message": say["unmet"][2], "href": "#"}],
        "chips": [{"label": label, "remove": "#", "edit": "#"} for label in say["chips"]],
        "tabs": [{"label": label, "href": "#", "count": (3900, 42, 7, 128)[n], "active": n == 1}
                 for n, label in enumerate(say["tabs"])],
        "entries": [{"side": side, "text": text, "detail": detail, "why": why, "at": now - timedelta(hours=3 * n + 1),
                     "actor": str(reps[0]) if side == "ours" else "", "icon": ("phone", "eye", "route")[n]}
                    for n, (side, text, detail, why) in enumerate(say["story"])],
        "stats": [{"label": label, "value": ("1,284", "92%", "318", "¥4.2 m", "24%")[n],
                   "change": ("+12%", "+3%", "−8%", "+21%", "+1%")[n], "good": n != 2,
                   "spark": [3 + (n * 7 + k * k * (n + 1)) % 11 + k * (n % 3) for k in range(12)]}
                  for n, label in enumerate(say["stats"])],
        "actions": [{"label": label, "icon": sign, "key": key} for label, sign, key in say["actions"]],
        "funnel": {"kind": "funnel", "labels": say["steps"], "series": [{"name": say["stats"][0],
                   "values": [3900, 1284, 418, 120, 31]}]},
        "lines": {"kind": "line", "labels": [f"{n}" for n in range(1, 13)], "series": [
            {"name": say["stats"][n], "values": [20 + (k * (n + 3)) % 17 + k * 3 for k in range(12)]} for n in (0, 2)]},
    }  # fmt: skip


class Somebody(SimpleNamespace):
    """A member of the sample workspace."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, role="admin", user=SimpleNamespace(email="ming@example.com"))

    def __str__(self) -> str:
        return str(self.name)


def kit(request: HttpRequest) -> HttpResponse:
    """``?lang=zh-hans`` shows it in Chinese."""
    language = request.GET.get("lang") or translation.get_language() or "en"
    language = language if language in SAY else "en"
    with translation.override(language):
        return render(request, "leadcrm/kit.html", samples(language))
