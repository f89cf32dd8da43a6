"""Checks of RFC 6940 over what a storing peer makes of values."""
