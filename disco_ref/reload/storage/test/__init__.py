"""Tests of disco_ref.reload.storage."""
