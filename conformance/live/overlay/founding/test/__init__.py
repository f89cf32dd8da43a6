"""Tests of overlays in folders."""
