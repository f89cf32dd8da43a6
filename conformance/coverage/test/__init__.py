"""Tests of the coverage tables."""
