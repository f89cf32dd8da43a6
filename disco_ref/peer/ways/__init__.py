"""The ways of messages to and from an element: what is sent, where answers go, what comes in pieces (RFC 3261, section 18)."""
