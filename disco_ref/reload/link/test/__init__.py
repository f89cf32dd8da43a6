"""Tests of disco_ref.reload.link."""
