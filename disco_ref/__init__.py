"""A reference implementation of distributed conference control (DisCo) over RELOAD and SIP."""
