"""Tests of links over sockets."""
