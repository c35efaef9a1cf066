"""Reads only: statistics, figures, tables, exports and the REST API.

Owns no tables and never writes one of another room.
"""
