"""Tests of conference state."""
