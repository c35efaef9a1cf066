"""Sounds of our own that a listening test needs: headphone checks, degradations, noise, spoken instructions.

NumPy in, NumPy out. No models, no settings, no files but the voices beside it.
"""
