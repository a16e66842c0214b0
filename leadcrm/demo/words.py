"""What the invented people and companies of the demo are called, and what they say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language's material. ``pains`` and ``said`` embody what good qualification listens for."""

    workspace: str
    slug: str
    locale: str
    people: tuple[tuple[str, str, str], ...]  # name, e-mail, role
    given: tuple[str, ...]
    family: tuple[str, ...]
    company_first: tuple[str, ...]
    company_second: tuple[str, ...]
    titles: tuple[str, ...]
    industries: tuple[str, ...]
    regions: tuple[str, ...]
    channels: tuple[str, ...]
    pains: tuple[str, ...]
    said: tuple[str, ...]
    next_steps: tuple[str, ...]
    later: tuple[str, ...]
    no: tuple[str, ...]
    texts: tuple[tuple[str, str, str], ...]  # name, way, text with places
    file: str
    cases: tuple[tuple[str, str, str], ...]  # stage, title, what it teaches
    phone: str
    family_first: bool = False


ENGLISH = Words(
    workspace="Northwind Robotics",
    slug="demo",
    locale="en",
    people=(
        ("Alice Moreau", "alice@demo.example", "admin"),
        ("Martin Keller", "martin@demo.example", "manager"),
        ("Ming Zhao", "ming@demo.example", "rep"),
        ("Rosa Lindqvist", "rosa@demo.example", "rep"),
        ("Tom Adeyemi", "tom@demo.example", "rep"),
        ("Zoe Hart", "zoe@demo.example", "marketer"),
    ),
    given=tuple(
        "Emma Noah Olivia Liam Ava Lucas Mia Ethan Sofia Leo Nora Hugo Ella Max Iris Finn Clara Jonas".split()
    ),
    family=tuple(
        "Berger Novak Silva Dubois Okafor Larsen Rossi Meyer Fischer Walsh Kovacs Haddad Santos Weber".split()
    ),
    company_first=tuple(
        "Blue Cedar North Harbor Silver Summit River Falcon Granite Maple Vertex Orbit Delta Copper".split()
    ),
    company_second=tuple(
        "Logistics Foods Motors Textiles Pharma Systems Packaging Instruments Energy Software".split()
    ),
    titles=(
        "Head of Operations",
        "Plant Manager",
        "CEO",
        "IT Director",
        "Purchasing Manager",
        "Production Planner",
    ),
    industries=(
        "Manufacturing",
        "Technology",
        "Pharma",
        "Financial Services",
        "Education",
        "Logistics",
        "Retail",
    ),
    regions=("California", "Texas", "Ontario", "Bavaria", "Île-de-France", "Lombardy"),
    channels=("Website", "Trade Show", "Employee Referral", "Advertisement", "Partner", "Cold Call"),
    pains=(
        "Orders are typed three times and get lost between sales and the plant.",
        "Picking errors cost us a pallet a day; the new line goes live in spring.",
        "Nobody knows the stock before Friday's count.",
        "Two people spend their whole week on shipping papers.",
    ),
    said=(
        "Walked me through their process; the planner will join next time.",
        "Asked for the price of 40 seats and compared us with the market leader.",
        "Finance wants a range before the meeting on Friday.",
        "Sent the requirements document on their own initiative.",
        "Not at the desk; left a message with the assistant.",
        "Curious about the rollout at a similar plant.",
    ),
    next_steps=(
        "Call about the requirements",
        "Send the revised offer",
        "Demo with the planner",
        "Ask who decides",
    ),
    later=("Budget is granted in the new fiscal year", "The move to the new plant comes first"),
    no=("A student writing a thesis", "Outside of the regions we serve"),
    texts=(
        (
            "First call",
            "call",
            "Hello {name}, this is {me}. You asked us about {pain} How do you handle that at {company} today?",
        ),
        (
            "After the demo",
            "email",
            "Dear {name},\n\nthank you for your time today. As agreed I send the summary and the next steps for "
            "{company}.\n\nKind regards,\n{me}",
        ),
    ),
    file="requirements.txt",
    cases=(
        (
            "won",
            "Three calls instead of one long demo",
            "The planner, the plant and finance each got twenty minutes of their own. When the demo came, nobody had "
            "to be convinced any more: it only confirmed what they had said themselves.",
        ),
        (
            "sql",
            "The budget appeared once we asked who grants it",
            "“No budget” meant “not mine to grant”. Asking for the person, not for the sum, opened it within a week.",
        ),
        (
            "deferred",
            "Put aside with a reason, back by itself",
            "We wrote down what would restart it and what to come back with. The download in spring brought it back, "
            "and the first sentence was ready.",
        ),
    ),
    phone="+1415555{:04d}",
)

CHINESE = Words(
    workspace="启明智造",
    slug="demo-zh",
    locale="zh-hans",
    people=(
        ("陈静", "chen@demo.example", "admin"),
        ("刘强", "liu@demo.example", "manager"),
        ("赵明", "zhao@demo.example", "rep"),
        ("孙丽", "sun@demo.example", "rep"),
        ("周涛", "zhou@demo.example", "rep"),
        ("吴敏", "wu@demo.example", "marketer"),
    ),
    given=tuple("伟 芳 娜 敏 静 磊 洋 艳 勇 杰 娟 涛 超 明 霞 刚 平 桂英 建华 文博 思远 雨桐".split()),
    family=tuple("王 李 张 刘 陈 杨 黄 吴 赵 周 徐 孙 马 朱 胡 林 郭 何 高 罗".split()),
    company_first=tuple("华盛 东方 金石 海润 云帆 宏达 新川 天和 瑞丰 博远 长青 恒信 中辰 星河".split()),
    company_second=tuple(
        "机械有限公司 科技有限公司 食品有限公司 物流有限公司 医药有限公司 电子有限公司 软件有限公司".split()
    ),
    titles=("总经理", "生产总监", "信息部经理", "采购经理", "运营主管", "计划员"),
    industries=("制造业", "软件", "医药", "物流", "教育", "零售", "金融"),
    regions=("上海", "江苏", "广东", "浙江", "北京", "四川"),
    channels=("官网", "展会", "老客户转介绍", "广告投放", "合作伙伴", "电话拓客"),
    pains=(
        "订单要录三遍，销售和车间之间经常丢单。",
        "拣货差错每天损失一托盘，新产线春天上线。",
        "周五盘点之前没人知道真实库存。",
        "两个人整周都在做发货单据。",
    ),
    said=(
        "介绍了现有流程，下次计划员一起参加。",
        "问了四十个用户的价格，正在和头部厂商比较。",
        "财务要求周五开会前给出预算区间。",
        "对方主动发来了需求文档。",
        "不在座位，请助理转告。",
        "想了解同行工厂的上线过程。",
    ),
    next_steps=("电话确认需求", "发送修改后的报价", "给计划员做演示", "问清楚谁来拍板"),
    later=("新财年才有预算", "先完成搬厂"),
    no=("写论文的学生", "不在服务区域内"),
    texts=(
        ("首次电话", "call", "{name}您好，我是{me}。您之前提到：{pain}请问{company}现在是怎么处理的？"),
        (
            "演示之后",
            "email",
            "{name}您好：\n\n感谢今天的时间。按约定发送给{company}的小结和下一步安排。\n\n{me}",
        ),
    ),
    file="需求清单.txt",
    cases=(
        (
            "won",
            "三次短会胜过一次长演示",
            "计划、车间和财务各谈二十分钟。到正式演示时已经不需要再说服谁：演示只是印证了他们自己说过的话。",
        ),
        (
            "sql",
            "问清谁批预算，预算就出现了",
            "“没有预算”其实是“不归我批”。不问金额，先问人，一周内就有了区间。",
        ),
        (
            "deferred",
            "写清原因的搁置，会自己回来",
            "当时写下了重启条件和切入点。春天对方下载资料时线索自动回来，第一句话早已准备好。",
        ),
    ),
    phone="+86138{:08d}",
    family_first=True,
)
