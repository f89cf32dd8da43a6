"""One focus: conferences that participants call, are called into, and watch (RFC 4353, RFC 4579; from memory)."""
