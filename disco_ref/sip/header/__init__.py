"""Header fields, one module per structured field, grouped by family (RFC 3261, section 20, and its extensions).

A typed value keeps the texts it was read from, so that what is not understood survives; properties give what they mean.
"""
