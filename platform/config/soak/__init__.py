"""A study and its raters on a machine that fails again and again, and a comparison with one that did not: script/soak.

It breaks what is around the product and asks it as browsers do; nothing of the product knows of it.
"""
