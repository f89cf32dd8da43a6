"""Checks on recorded exchanges against RFC 3581."""
