"""Rewriters, generators and scorers in plain torch, named by a registry and imported when first used.

No Django, no Celery, no database: an engine gets values and returns values.
"""
