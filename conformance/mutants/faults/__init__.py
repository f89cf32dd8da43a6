"""The faults, by what they break: conduct, layouts, prose, trust, SIP."""
