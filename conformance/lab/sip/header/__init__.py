"""The readers of header values, one noun a file (RFC 3261, section 20)."""
