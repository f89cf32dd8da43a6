"""Checks of conference documents as they are notified (RFC 4575; from memory, with the published schema)."""
