"""compose.yaml on one machine without Docker: script/topology.

What Docker would do is done by Linux itself: each service in a network namespace with an address of its own, confined
by bubblewrap to a read-only file system, an unprivileged user and the variables and secrets that compose.yaml gives it,
with just the packages that its image installs. What runs inside are the images' own entry points.
"""
