from leads.models.company import Company, Contact, LeadContact
from leads.models.deal import Opportunity
from leads.models.fields import CustomField, SavedView
from leads.models.flow import Approval, Gate, StageChange
from leads.models.followup import FollowUp, Task, Touch
from leads.models.identity import Identity
from leads.models.lead import Lead, Pool, Stage
from leads.models.merge import Merge
from leads.models.source import Channel
from leads.models.tags import LeadTag, Tag, TagRule
from leads.models.timeline import TimelineEntry

__all__ = [
    "Approval",
    "Channel",
    "Company",
    "Contact",
    "CustomField",
    "FollowUp",
    "Gate",
    "Identity",
    "Lead",
    "LeadContact",
    "LeadTag",
    "Merge",
    "Opportunity",
    "Pool",
    "SavedView",
    "Stage",
    "StageChange",
    "Tag",
    "TagRule",
    "Task",
    "TimelineEntry",
    "Touch",
]
