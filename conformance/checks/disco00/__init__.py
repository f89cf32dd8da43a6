"""Checks on recorded exchanges against draft-knauf-p2psip-disco-00."""
