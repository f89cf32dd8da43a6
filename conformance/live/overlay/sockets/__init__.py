"""Links of a scenario over real sockets: TLS over TCP and DTLS over UDP, with everything that was on the wire kept."""
