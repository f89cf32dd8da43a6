"""The notations that specifications are written in: presentation language, grammar fragments, markup."""
