"""Tests of what server and client share, and of both together."""
