"""Checks of enrolment (RFC 6940, sections 11.1 to 11.3, 13.3)."""
