"""Checks on what stands in single messages: order, addresses, tables, option tags, credentials."""
