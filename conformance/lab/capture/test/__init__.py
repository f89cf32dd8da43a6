"""Tests of reading and writing captures."""
