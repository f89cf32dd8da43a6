"""Tests of subjects that are not ours."""
