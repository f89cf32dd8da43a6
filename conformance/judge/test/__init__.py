"""Tests of judging recorded exchanges."""
