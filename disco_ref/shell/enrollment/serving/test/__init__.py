"""Tests of the server of an overlay."""
