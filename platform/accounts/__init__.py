"""Who is who: researchers, teams and roles, API tokens, raters and the consent they gave.

Nothing about what they study or hear.
"""
