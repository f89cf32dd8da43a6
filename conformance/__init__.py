"""A conformance suite for SIP conferencing, RELOAD (RFC 6940) and DisCo; it imports no implementation."""
