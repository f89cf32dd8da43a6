"""Tests of the client of such servers."""
