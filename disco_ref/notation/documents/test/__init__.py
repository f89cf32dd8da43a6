"""Tests of documents as values."""
