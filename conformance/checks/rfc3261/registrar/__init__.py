"""Registrars, as their clients see them (RFC 3261, sections 10.3 and 22)."""
