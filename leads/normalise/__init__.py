"""What was typed, brought into the one form it is compared and searched by. Pure functions, no database.

Every function takes text as people (and spreadsheets) write it, never raises on odd text, and answers
'' when there is nothing to compare by.
"""

from leads.normalise.companies import company_key
from leads.normalise.domains import FREE_MAIL, domain_of
from leads.normalise.emails import email_key
from leads.normalise.phones import phone_e164, region_for
from leads.normalise.searching import search_document, search_patterns
from leads.normalise.texts import fold

__all__ = [
    "FREE_MAIL",
    "company_key",
    "domain_of",
    "email_key",
    "fold",
    "phone_e164",
    "region_for",
    "search_document",
    "search_patterns",
]
