"""Tests of disco_ref.notation."""
