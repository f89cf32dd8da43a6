"""Sessions: calls from INVITE to BYE (RFC 3261, sections 13 to 15), with PRACK (RFC 3262) and UPDATE (RFC 3311)."""
