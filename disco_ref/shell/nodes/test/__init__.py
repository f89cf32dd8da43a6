"""Tests of the nodes behind the adapter."""
