"""Ladders with a registrar."""
