"""What operators see of a running installation: whether it is well, what it does, how long that takes.

Reads of all rooms and writes nothing; what is measured where work is done stands with the work (studies.usage).
"""
