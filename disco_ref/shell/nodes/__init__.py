"""Whole nodes in virtual time, behind the adapter (conformance/SUBJECT.md)."""
