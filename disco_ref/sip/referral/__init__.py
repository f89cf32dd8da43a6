"""Who is referred to whom: REFER in and out of dialogs (RFC 3515), and whose dialog a call takes over (RFC 3891)."""
