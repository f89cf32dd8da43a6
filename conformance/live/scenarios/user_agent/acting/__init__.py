"""What the subject does on its own account: registering, subscribing, referring."""
