"""What carries the messages of a scenario: sockets, or virtual time over an adapter."""
