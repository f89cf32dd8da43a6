"""Scenarios of the role focus: conferences that are created, joined, watched, and changed by REFER."""
