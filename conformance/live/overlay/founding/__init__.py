"""Overlays of a live run: the harness' own one in a folder, or that of the subject."""
