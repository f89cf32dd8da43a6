"""Event notification (RFC 6665): packages, subscribers and notifiers."""
