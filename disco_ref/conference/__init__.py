"""Conferences as such: what RFC 4575 says of their state, whoever holds it."""
