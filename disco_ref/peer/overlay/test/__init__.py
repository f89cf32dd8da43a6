"""Tests of whole nodes of an overlay."""
