"""Tests of header fields."""
