"""The rater's pages: a view validates, calls one action, redirects."""
