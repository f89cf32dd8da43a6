"""Tests of CHORD-RELOAD."""
