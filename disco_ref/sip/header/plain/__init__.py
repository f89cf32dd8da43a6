"""Header fields with a small structure or none: numbers, tokens, text, dates, warnings."""
