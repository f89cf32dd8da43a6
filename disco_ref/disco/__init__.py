"""Distributed conferences in an overlay (draft-knauf-p2psip-disco)."""
