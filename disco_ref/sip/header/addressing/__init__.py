"""Header fields that hold addresses: From, To, Contact, Route and their like."""
