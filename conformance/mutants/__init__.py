"""Deliberately broken subjects: each check must be failed by one, or it proves nothing."""
