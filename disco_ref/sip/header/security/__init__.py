"""Header fields of digest authentication: challenges, credentials, Authentication-Info."""
