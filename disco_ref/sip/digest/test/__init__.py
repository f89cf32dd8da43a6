"""Tests of digest authentication."""
