"""Tests of disco_ref.usage."""
