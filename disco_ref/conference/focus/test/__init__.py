"""Tests of the focus."""
