"""How well each rater listened, by stated rules. Evidence is read; measures and rules are pure.

Nothing here writes or decides, and nothing here knows who the rater is.
"""
