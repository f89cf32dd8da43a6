"""A stateful proxy that stays on the path of dialogs (RFC 3261, section 16; RFC 5393 and RFC 5658 as remembered)."""
