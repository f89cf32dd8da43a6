"""How the tables of transactions are performed, on the side that asks and on the side that answers (RFC 3261, section 17)."""
