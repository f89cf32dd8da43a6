"""Tests of disco_ref.reload.topology.chord."""
