"""Tests of draft lint."""
