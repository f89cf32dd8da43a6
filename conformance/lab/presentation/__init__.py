"""RELOAD's presentation language (RFC 6940, section 6.3.1) read as text and interpreted."""
