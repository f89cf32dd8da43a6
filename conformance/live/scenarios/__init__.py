"""The scenarios, one folder a role, one file a topic."""
