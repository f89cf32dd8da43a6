"""Offer and answer (RFC 3264): what one side can do and what it wants against what the other side said."""
