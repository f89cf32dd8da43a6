"""The wire of SIP: sockets, TLS and the domain name system, on Twisted."""
