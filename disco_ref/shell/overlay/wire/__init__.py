"""The links of a node: TLS over TCP, and DTLS over UDP (RFC 6940, section 6.6)."""
