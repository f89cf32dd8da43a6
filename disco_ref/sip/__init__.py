"""The Session Initiation Protocol: messages, transactions, dialogs, events (RFC 3261, 6665, 3515, 6086)."""
