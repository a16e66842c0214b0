"""Channels by name: found, or made when a list or a program names a new one."""

from collections.abc import Iterable

from leads.actions.naming import called
from leads.models import Channel
from leads.models.source import ChannelKind
from leads.normalise import fold
from workspaces.ids import new_token
from workspaces.tenancy import current_workspace_id
from workspaces.texts import clean_text

# What a channel's name says about its kind, in the words people use for sources.
KINDS = {
    ChannelKind.REFERRAL: ("referral", "recommend", "word of mouth", "转介绍", "推荐", "介绍"),
    ChannelKind.PARTNER: ("partner", "reseller", "伙伴", "合作", "代理"),
    ChannelKind.EVENT: ("trade show", "event", "webinar", "conference", "seminar", "展会", "活动", "会议"),
    ChannelKind.ADS: ("advert", "ads", "google", "meta", "facebook", "linkedin", "tiktok", "广告", "投放"),
    ChannelKind.FORM: ("web", "site", "form", "online", "官网", "网站", "表单"),
    ChannelKind.OUTBOUND: ("cold call", "outbound", "陌拜", "电销"),
}


def key_of(name: str) -> str:
    return fold(clean_text(name))[:200]


def kind_of(name: str) -> str:
    """The kind of channel that a name suggests; ``other`` when it says nothing."""
    folded = key_of(name)
    for kind, words in KINDS.items():
        if any(word in folded for word in words):
            return kind.value
    return ChannelKind.OTHER.value


def resolve_channels(names: Iterable[str]) -> dict[str, Channel]:
    """The channel of each name; new names become new channels."""
    return called(Channel, names, key_of, new_channel)


def new_channel(name: str, kind: str = "") -> Channel:
    """A channel that is not written yet."""
    return Channel(
        name=clean_text(name)[:200],
        name_key=key_of(name),
        kind=kind or kind_of(name),
        token=new_token(current_workspace_id()),
    )
