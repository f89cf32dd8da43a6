"""Tests of the sessions of media."""
