"""Checks of focuses (RFC 4579; from memory)."""
