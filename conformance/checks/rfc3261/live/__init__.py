"""Checks of RFC 3261 that need a stimulus of ours: what a subject does about requests and responses made for the purpose."""
