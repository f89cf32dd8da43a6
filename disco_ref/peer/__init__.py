"""Whole nodes, pure: the walk of a message through the layers, and the closed set of effects."""
