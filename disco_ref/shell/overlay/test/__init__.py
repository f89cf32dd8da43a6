"""Tests of links on the loopback."""
