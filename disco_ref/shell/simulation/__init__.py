"""An overlay of many peers in one process and in virtual time, for experiments."""
