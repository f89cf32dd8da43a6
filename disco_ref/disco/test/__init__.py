"""Tests of disco_ref.disco."""
