"""Subjects that do one thing whatever comes, for the roles on the network."""
