"""What kind of e-mail address it is: a free provider's, a role's, a throw-away one."""

from functools import lru_cache

from disposable_email_domains import blocklist

from leads.normalise.domains import FREE_MAIL

FREE, ROLE, DISPOSABLE, NO_MAIL = "free", "role", "disposable", "no_mail"
TRAITS = (FREE, ROLE, DISPOSABLE, NO_MAIL)
# Mailboxes of a function, not of a person (RFC 2142, and what sales teams meet).
ROLES = frozenset(
    """
    abuse accounting accounts admin administrator all billing bookings career careers compliance contact contacts
    contactus customercare customerservice dev devnull editor enquiries enquiry events everyone export feedback finance
    frontdesk ftp general hello help helpdesk hi hostmaster hr info information inquiries inquiry investors invoice
    invoices it jobs kontakt legal list mail mailbox mailer-daemon marketing media news newsletter no-reply noc noreply
    office operations order orders partners partnerships postmaster pr press privacy procurement purchase purchasing
    recruit recruiting recruitment reception registrar reservations root sales secretary security service services shop
    spam staff subscribe support sysadmin team tech techsupport test undisclosed-recipients unsubscribe usenet vertrieb
    webmaster welcome yingxiao kefu xiaoshou shichang zhaopin hezuo bangongshi
    """.split()
)


def email_traits(key: str) -> str:
    """The traits of a normalised address, with spaces between: "free role"; '' for a person's own at a company."""
    name, at, domain = key.rpartition("@")
    if not at:
        return ""
    found = of_domain(domain)
    if name.partition("+")[0].replace(".", "") in ROLES or name in ROLES:
        return f"{found} {ROLE}".strip()
    return found


@lru_cache(maxsize=4_096)
def of_domain(domain: str) -> str:
    found = [FREE] if domain in FREE_MAIL else []
    if throws_away(domain):
        found.append(DISPOSABLE)
    return " ".join(found)


def throws_away(domain: str) -> bool:
    """Whether a domain, or one above it, hands out addresses for a few minutes."""
    while "." in domain:
        if domain in blocklist:
            return True
        domain = domain.partition(".")[2]
    return False
