"""Scenarios of enrolment: the harness asks a configuration and enrolment server, or is one (RFC 6940, sections 11.2 and 11.3)."""
