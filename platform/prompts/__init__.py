"""Prompt sets and prompts exactly as given, their import and their checks.

What becomes of a prompt (rewrites, clips, scores) belongs to `studies`.
"""
