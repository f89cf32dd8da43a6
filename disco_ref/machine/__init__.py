"""State machines as literal tables, and the deadlines that drive them."""
