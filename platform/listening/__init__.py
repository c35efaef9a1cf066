"""The blind listening test: trials, rater sessions, what was heard, votes.

Who hears what and when; what the votes mean belongs to `results`.
"""
