"""What keeps the overlay in shape (RFC 6940, section 6.4)."""
