"""The sealed sound world: a vocabulary, a synthesiser, an oracle, and how its small models are trained.

Ground truth is known here, so the whole loop can be measured on a laptop. Nothing in it needs a network.
"""
