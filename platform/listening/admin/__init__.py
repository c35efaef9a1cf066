"""The researcher's pages of the listening test: what is asked, who came, how well they listened, what they are paid.

Raters have pseudonyms here; the payment list alone knows who they are to their provider.
"""

from listening.admin.answers import SessionAdmin, VoteAdmin
from listening.admin.providers import ProviderAdmin
from listening.admin.raters import RaterAdmin
from listening.admin.test import ListeningTestAdmin

__all__ = ["ListeningTestAdmin", "ProviderAdmin", "RaterAdmin", "SessionAdmin", "VoteAdmin"]
