"""Checks of rings: joining, admitting, failures, Updates, stabilisation, leaving (RFC 6940, sections 6.4 and 10)."""
