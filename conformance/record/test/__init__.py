"""Tests of recording third-party programs."""
