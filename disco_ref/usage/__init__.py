"""What is stored in an overlay, and for whom (RFC 6940, sections 8 and 9; RFC 7904)."""
