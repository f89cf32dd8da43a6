"""Tests of SIP messages."""
