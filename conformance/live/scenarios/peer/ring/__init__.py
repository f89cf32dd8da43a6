"""Scenarios with a subject in a ring whose other peers are all the harness' (RFC 6940, section 10)."""
