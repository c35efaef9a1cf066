"""The study judge: what a study's own votes teach about a scorer's frozen embeddings.

Plain NumPy: votes and vectors in, a head and its honest measure out. Knows nothing of studies, rows or workers.
"""
