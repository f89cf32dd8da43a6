"""Checks that need a subscription of the harness."""
