"""One kind of person a file: researchers and their teams, raters, invited panels."""

from accounts.models.audit import AuditEntry
from accounts.models.panel import Panel, PanelMember, RaterAccount
from accounts.models.people import ApiToken, IdempotencyKey, Membership, Team, User
from accounts.models.rater import ConsentText, Rater
from accounts.models.recovery import RecoveryCode
from accounts.models.tries import Tries

__all__ = [
    "ApiToken",
    "AuditEntry",
    "ConsentText",
    "IdempotencyKey",
    "Membership",
    "Panel",
    "PanelMember",
    "Rater",
    "RaterAccount",
    "RecoveryCode",
    "Team",
    "Tries",
    "User",
]
