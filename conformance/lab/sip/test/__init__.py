"""Tests of the SIP laboratory."""
