"""Tests of disco_ref.reload.message."""
