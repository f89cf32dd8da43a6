"""Tests of location."""
