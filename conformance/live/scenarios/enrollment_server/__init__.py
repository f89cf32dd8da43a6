"""Scenarios with a configuration and enrolment server (RFC 6940, sections 11.2 and 11.3)."""
