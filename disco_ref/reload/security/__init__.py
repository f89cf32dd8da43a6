"""Certificates, and signatures over the octets as received (RFC 6940, sections 6.3.4, 7.1, 11.3)."""
