from leads.models.agenda import CalendarFeed, Case, Undo
from leads.models.assessment import Answer, Framework
from leads.models.company import Company, Contact, LeadContact
from leads.models.deal import Customer, Opportunity, OpportunityChange
from leads.models.deferral import Deferral
from leads.models.fields import CustomField, SavedView
from leads.models.flow import Approval, Gate, StageChange
from leads.models.followup import Attachment, FollowUp, Task, TextTemplate, Touch
from leads.models.identity import Identity
from leads.models.lead import Lead, Pool, Stage
from leads.models.matching import Duplicate, MatchKey, MatchRules, MatchWork
from leads.models.merge import Merge
from leads.models.playbook import Playbook, PlaybookAction
from leads.models.source import Channel
from leads.models.tags import LeadTag, Tag, TagRule, TagSpan
from leads.models.timeline import TimelineEntry
from leads.models.values import FieldValue, ValueCount

__all__ = [
    "Answer",
    "Approval",
    "Attachment",
    "CalendarFeed",
    "Case",
    "Channel",
    "Company",
    "Contact",
    "CustomField",
    "Customer",
    "Deferral",
    "Duplicate",
    "FieldValue",
    "FollowUp",
    "Framework",
    "Gate",
    "Identity",
    "Lead",
    "LeadContact",
    "LeadTag",
    "MatchKey",
    "MatchRules",
    "MatchWork",
    "Merge",
    "Opportunity",
    "OpportunityChange",
    "Playbook",
    "PlaybookAction",
    "Pool",
    "SavedView",
    "Stage",
    "StageChange",
    "Tag",
    "TagRule",
    "TagSpan",
    "Task",
    "TextTemplate",
    "TimelineEntry",
    "Touch",
    "Undo",
    "ValueCount",
]
