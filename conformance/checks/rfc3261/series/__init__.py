"""Checks on messages that belong together: requests of one client, offers and acknowledgements of one call."""
