"""Checks of what a subject does that calls: the answers it gets, and what it does next."""
