"""What votes and scores say, as pure statistics: arrays in, numbers with intervals out. No Django, no drawing.

docs/statistics.md says of each measure where it comes from, which library it agrees with, and how often it covers.
"""
