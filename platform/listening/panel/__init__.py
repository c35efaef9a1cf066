"""The pages of invited raters: sign in, what is open to them, what they are owed, their profile.

They lead to the rater's pages and never show what a study compares. Accounts and e-mail are accounts/panels.
"""
