"""The internet domain a company is known by."""

import re
from functools import lru_cache

import idna

from leads.normalise.emails import email_key
from leads.normalise.texts import fold
from workspaces.texts import clean_text

# Mailbox providers for everybody: sharing one says nothing about working together.
FREE_MAIL_DOMAINS = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.fr yahoo.de yahoo.es yahoo.it
    yahoo.com.br yahoo.com.tw yahoo.com.hk ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.fr
    hotmail.de hotmail.it hotmail.es outlook.com outlook.fr outlook.de outlook.es outlook.jp live.com live.cn
    live.co.uk live.fr live.nl msn.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me
    tutanota.com tuta.io gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com email.com
    zoho.com fastmail.com hey.com hushmail.com inbox.com yandex.ru yandex.com ya.ru mail.ru bk.ru list.ru
    inbox.ru rambler.ru qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 188.com sina.com
    sina.cn vip.sina.com sohu.com tom.com 139.com 189.cn wo.cn aliyun.com 21cn.com 263.net eyou.com
    naver.com daum.net hanmail.net kakao.com nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com
    libero.it virgilio.it tiscali.it alice.it orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
    bol.com.br uol.com.br terra.com.br ig.com.br comcast.net verizon.net att.net sbcglobal.net bellsouth.net
    cox.net charter.net earthlink.net btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net
    bigpond.com optusnet.com.au rogers.com shaw.ca telus.net sympatico.ca ziggo.nl kpnmail.nl planet.nl
    skynet.be telenet.be bluewin.ch seznam.cz wp.pl o2.pl interia.pl onet.pl abv.bg ukr.net
    pchome.com.tw hinet.net netvigator.com
"""
FREE_MAIL = frozenset(FREE_MAIL_DOMAINS.split())
SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//|^https?:/?")
END_OF_HOST = re.compile(r"[/?#\\\s]")
PORT = re.compile(r":\d*$")
LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
ALL_DIGITS = re.compile(r"[0-9.]+")


@lru_cache(maxsize=4_096)
def domain_of(text: str) -> str:
    """The host of a website or e-mail address without "www.", in lower case; '' if there is none.

    An e-mail address at a free-mail provider has no domain: it is not the company's.
    """
    text = fold(clean_text(text))
    if "@" in text and "/" not in text:
        domain = email_key(text).rpartition("@")[2]
        return "" if domain in FREE_MAIL else domain
    host = END_OF_HOST.split(SCHEME.sub("", text, count=1), maxsplit=1)[0].rpartition("@")[2]
    host = PORT.sub("", host).rstrip(".").removeprefix("www.")
    labels = _written_out(host).split(".")
    if len(labels) < 2 or len(host) > 253 or ALL_DIGITS.fullmatch(host):
        return ""
    return ".".join(labels) if all(LABEL.fullmatch(label) for label in labels) else ""


def _written_out(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host
