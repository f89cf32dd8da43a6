"""Links of a RELOAD overlay on real sockets, and what drives a node over them."""
