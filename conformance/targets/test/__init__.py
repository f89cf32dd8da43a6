"""Tests of conformance.targets."""
