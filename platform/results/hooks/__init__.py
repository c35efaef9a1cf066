"""Webhooks: what becomes of studies, told to addresses of a team's own, signed and tried until it is heard.

A delivery is written with the deed that it tells of, so that none is lost, and sent afterwards by a worker.
"""
