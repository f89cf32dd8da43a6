"""Checks on recorded exchanges against RFC 6940."""
