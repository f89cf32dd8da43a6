"""Checks of RFC 6940 over what the harness plays as peers of an overlay."""
