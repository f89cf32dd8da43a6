"""The server of an overlay: its foundation, its accounts, what it answers over HTTPS (RFC 6940, sections 11.1 to 11.3)."""
