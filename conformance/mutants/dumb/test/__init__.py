"""Tests of the dumb subjects."""
