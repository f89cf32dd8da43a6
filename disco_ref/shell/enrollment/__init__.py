"""Enrolment on the network: the server with its accounts, and the client with its credentials (RFC 6940, sections 11.2 and 11.3)."""
