"""REsource LOcation And Discovery (RFC 6940)."""
