"""Judging recorded exchanges: captures to events, predicates over them, results."""
