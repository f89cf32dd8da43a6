"""Ladders with a proxy."""
