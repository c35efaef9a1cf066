"""The paper's experiments as commands: script/experiment runs recipes to their end and writes down what came of it.

Here is what an experiment asks and how its numbers are judged; what is measured, and how, is `results`' own.
"""
