"""The REST API: read-only views of a study for scripts."""
