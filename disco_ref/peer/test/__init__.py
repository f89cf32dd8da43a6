"""Tests of whole nodes."""
