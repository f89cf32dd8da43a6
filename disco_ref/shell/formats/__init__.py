"""What the commands and the adapter can read and write: one module per family of formats."""
