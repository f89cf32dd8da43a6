"""What a stage and its parties remember: what they heard, what they send again, what is still open, the record of it all."""
