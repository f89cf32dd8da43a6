"""Capture files: reading and writing them, and following what they carry up to UDP and TCP."""
