"""Header fields of event notification and of INFO: Event, Subscription-State, Info-Package."""
