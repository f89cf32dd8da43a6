"""The report as files that other programs read."""
