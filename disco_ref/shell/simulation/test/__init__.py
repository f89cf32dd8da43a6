"""Tests of simulated overlays."""
