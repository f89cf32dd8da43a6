"""Tests of the commands that speak SIP."""
