"""Tests of the live side."""
