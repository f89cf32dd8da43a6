"""Nodes of an overlay in virtual time, behind the adapter: the live node with another clock and another network."""
