"""Methods and headers of extensions: REFER, INFO, UPDATE, PRACK, Replaces (RFC 3515, 6086, 3311, 3262, 3891)."""
