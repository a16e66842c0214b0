"""What columns are called: in English and Chinese, and in the exports of other systems.

For each target its names in order of preference, compared without case, spaces and punctuation. The exports
looked at: Salesforce, HubSpot, Zoho, Meta and LinkedIn lead ads, 纷享销客.
"""

from intake.units import without_unit
from intake.wording import squeeze

NAMES = """
name:
    Full Name | Name | Contact Name | Lead Name | Contact | Person | Your Name | 姓名 | 联系人 |
    联系人姓名 | 客户姓名 | 名字 | 线索姓名 | 称呼 | 姓名全称
title: Job Title | Title | Position | Designation | Jobtitle | Role | 职务 | 职位 | 岗位 | 头衔
email:
    Email | Email Address | Work Email | Business Email | Company Email | E-mail 1 - Value |
    Primary Email | Mail | 邮箱 | 电子邮箱 | 邮件 | 电子邮件 | 工作邮箱 | 邮箱地址 | Email 2 |
    Secondary Email | Personal Email
phone:
    Mobile | Mobile Phone | Mobile Phone Number | Cell | Cell Phone | Mobile Number | 手机 | 手机号 |
    手机号码 | 移动电话 | 联系手机 | 联系方式 | Phone | Phone Number | Telephone | Tel | Work Phone |
    Business Phone | Work Phone Number | Phone 1 - Value | 电话 | 联系电话 | 电话号码 | 座机 | 固定电话 |
    办公电话 | Home Phone | Other Phone
wechat: WeChat | WeChat ID | Weixin | 微信 | 微信号 | 企业微信
company:
    Company | Company Name | Account | Account Name | Organization | Organisation | Organization Name |
    Employer | Associated Company | Business Name | 公司 | 公司名称 | 企业 | 企业名称 | 单位 | 单位名称 |
    客户名称 | 客户公司 | 所属公司 | 公司全称
credit_code:
    Unified Social Credit Code | Unified Social Credit Identifier | USCC | USCI | Credit Code | Social Credit Code |
    统一社会信用代码 | 社会信用代码 | 统一信用代码 | 信用代码 | 统一代码 | 营业执照号 | 企业信用代码 | 纳税人识别号 |
    税号
website:
    Website | Website URL | Company Website | Web Site | Web | URL | Homepage | Company Domain Name |
    Domain | 网址 | 网站 | 官网 | 公司网址 | 公司网站 | 主页
industry: Industry | Company Industry | Sector | Vertical | 行业 | 所属行业 | 一级行业 | 公司行业
region:
    Region | State/Region | State | Province | State/Province | State or Province | 地区 | 区域 |
    所在地区 | 省份 | 省 | 所在省份 | 省市 | Country | Country/Region | Country Name | 国家 | 国家地区 |
    City | 城市 | 所在城市 | 市 | Location
employees:
    Employees | Number of Employees | No of Employees | Num Employees | NumberOfEmployees |
    Company Size | Headcount | Employee Count | Size | 员工数 | 员工人数 | 人数 | 公司规模 | 企业规模 |
    人员规模 | 规模 | 公司人数
channel:
    Lead Source | Channel | Source | Original Source | Lead Source Name | Original Traffic Source |
    来源 | 线索来源 | 渠道 | 来源渠道 | 客户来源
campaign:
    Campaign | Campaign Name | Campaign Source | UTM Campaign | 活动 | 活动名称 | 市场活动 |
    市场活动名称 | 推广计划
external_id:
    External ID | Lead ID | LEADID | Leadgen ID | Record ID | Record ID - Contact | Contact ID |
    Lead Number | ID | Unique ID | Rec ID | 编号 | 线索编号 | 线索ID | 外部编号 | 唯一标识
pain:
    Pain | Pain Point | Pain Points | Need | Needs | Requirement | Requirements | Challenge | 痛点 |
    需求 | 需求描述 | 客户需求 | 需求说明 | 主要需求 | 问题
need_level: Need Level | Urgency | 需求程度 | 需求等级 | 需求紧迫度 | 紧急程度
budget_amount: Budget | Budget Amount | Expected Budget | Project Budget | 预算 | 预算金额 | 项目预算
budget_currency: Currency | Budget Currency | Currency ISO Code | 币种 | 货币
budget_status: Budget Status | 预算状态 | 预算情况
authority: Authority | Buying Role | Decision Role | 决策角色 | 决策权 | 购买角色
decision_process: Decision Process | Buying Process | 决策流程 | 采购流程 | 决策过程
timeline_date:
    Timeline | Timeline Date | Purchase Date | Go-live Date | Go Live | Purchase Timeline |
    预计采购时间 | 上线时间 | 预计上线时间 | 时间窗口 | 采购时间 | 期望上线日期
tags: Tags | Tag | Labels | Keywords | 标签 | 客户标签
attributes.source_status:
    Lead Status | Status | 状态 | 线索状态 | 跟进状态 | 客户状态 | Source Status
"""
GIVEN = "First Name | Given Name | Forename | Firstname | Vorname | Prénom | 名"
MIDDLE = "Middle Name | Middle Initial | 中间名"
FAMILY = "Last Name | Surname | Family Name | Lastname | Nachname | 姓 | 姓氏"

# Several columns may feed these; for all others the best one does, the rest are kept as fields of their own.
SHARED_TARGETS = frozenset(("name", "phone", "email", "tags"))


def _words(names: str) -> list[str]:
    return [squeeze(name) for name in names.split("|")]


def _targets() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in NAMES.replace("\n    ", " ").strip().splitlines():
        target, _colon, names = line.partition(":")
        for rank, word in enumerate([*_words(names), squeeze(target)]):
            found.setdefault(word, (target, rank))
    for part in (GIVEN, MIDDLE, FAMILY):
        for word in _words(part):
            found.setdefault(word, ("name", 50))
    return found


TARGETS = _targets()
PARTS = {
    word: part
    for part, names in (("given", GIVEN), ("middle", MIDDLE), ("family", FAMILY))
    for word in _words(names)
}


def target_of(column: str) -> tuple[str, int] | None:
    """(target, rank: 0 is the best name for it) of a column name; None for a name nobody knows."""
    word = squeeze(column)
    if word in TARGETS:
        return TARGETS[word]
    bare = without_unit(column)
    if bare != column and squeeze(bare) in TARGETS:
        return TARGETS[squeeze(bare)]
    return TARGETS.get(
        word.removeprefix("lead").removeprefix("contact").removeprefix("线索").removeprefix("客户")
    )


def name_part(column: str) -> str:
    """Which part of a person's name a column holds: given, middle, family, or "" for the whole."""
    return PARTS.get(squeeze(column), "")
