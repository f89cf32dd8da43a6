"""Tests of event notification."""
