"""Tests of the harness' own overlay."""
