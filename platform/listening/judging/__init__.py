"""What raters said of clips, as a study judge learns from it: votes, scale answers, folds.

The learning itself is in inference/judging, which knows no tables.
"""
