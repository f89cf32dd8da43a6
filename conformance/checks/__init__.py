"""The checks: each one predicate over what was exchanged, the same live and on recorded evidence."""
