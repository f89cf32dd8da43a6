"""Scenarios of the role notifier: subscriptions to the state of a conference, or to whatever the subject serves."""
