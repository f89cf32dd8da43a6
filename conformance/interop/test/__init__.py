"""Tests of the runs against programs of others, without these programs."""
