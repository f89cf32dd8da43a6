"""The laboratory: readers and builders of the harness itself, independent of any implementation."""
