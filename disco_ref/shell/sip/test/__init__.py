"""Tests of the wire of SIP."""
