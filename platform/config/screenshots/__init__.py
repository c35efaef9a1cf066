"""Pictures of every page for the documentation, from a demo that is running: script/screenshots.

A group of pages a module; each makes what it needs and takes it back. No page belongs here, only how it is come by.
"""
