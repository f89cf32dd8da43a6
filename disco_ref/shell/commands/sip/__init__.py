"""Commands that speak SIP: a telephone, a watcher, a focus, a registrar (RFC 3261 and 4575)."""
