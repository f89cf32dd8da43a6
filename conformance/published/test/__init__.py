"""Tests of what is judged of published texts."""
