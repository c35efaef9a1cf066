"""Invited panels: invitations, joining, signing in, the account. Actions and e-mail; pages are the listening room's.

Actions are keyword-only and atomic; e-mail leaves after the commit.
"""
