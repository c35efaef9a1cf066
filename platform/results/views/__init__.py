"""Pages for researchers. Each reads and shows; none writes."""
