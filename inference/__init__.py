"""Hands without memory: engines, training and the Celery shells that use them. Owns no tables.

Nothing here decides what a study needs next; that is `studies.pipeline`.
"""
