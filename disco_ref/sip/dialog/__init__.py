"""Dialogs: what two user agents keep between requests (RFC 3261, section 12), shared by several usages (RFC 5057)."""
