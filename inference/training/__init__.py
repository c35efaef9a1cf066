"""Objectives that fine-tune a rewriter on ranked candidates.

Plain torch over an engine's own model; knows nothing of studies, rows or workers.
"""
