"""The only place that writes. Keyword only, one transaction each.

Locks are taken in one order, so that nothing waits in a circle: the session first, then at most one trial.
`now` is the time the action happens at; simulated raters bring their own.
"""
