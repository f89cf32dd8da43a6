"""Location of SIP servers (RFC 3263): questions out, answers in, next hops out."""
