"""Checks on recorded exchanges against RFC 6086."""
