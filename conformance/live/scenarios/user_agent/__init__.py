"""Scenarios of the role user agent: as server, and as client by a trigger."""
