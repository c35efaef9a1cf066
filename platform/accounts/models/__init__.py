"""One kind of person a file: researchers and their teams, raters, invited panels."""

from accounts.models.panel import Panel, PanelMember, RaterAccount
from accounts.models.people import ApiToken, Membership, Team, User
from accounts.models.rater import ConsentText, Rater

__all__ = [
    "ApiToken",
    "ConsentText",
    "Membership",
    "Panel",
    "PanelMember",
    "Rater",
    "RaterAccount",
    "Team",
    "User",
]
