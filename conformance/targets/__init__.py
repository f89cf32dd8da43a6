"""What is judged: adapters, captures, documents; each named by one string."""
