"""Registrations, both sides: the registrar and who registers (RFC 3261, section 10; RFC 3327 for Path)."""
