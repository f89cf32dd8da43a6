"""Subjects that are nodes of a RELOAD overlay (RFC 6940): the harness plays the rest of the overlay."""
