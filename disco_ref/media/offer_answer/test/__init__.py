"""Tests of offer and answer."""
