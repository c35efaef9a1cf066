"""Raters by the hundred over HTTP, and a count of what became of their votes: script/load.

It asks the product as browsers do and looks into its database afterwards; nothing of the product knows of it.
"""
