"""Study bundles: one zip that says all about a study, from which it is restored elsewhere or run again.

What is meant to be read (README, records, results, figures, tables) stands beside what is meant to be restored (rows/).
Nothing in it says who a rater is: rows of raters hold the pseudonyms of the exports, and what they wrote is left out.
"""
