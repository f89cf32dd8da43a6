"""Hosts whose addresses are known beforehand: asked before the domain name system is."""

from __future__ import annotations

from collections.abc import Mapping

from disco_ref.sip.flow import Address

Table = Mapping[str, tuple[Address, ...]]
"""From the name in lower case to its addresses, the best first; port 0 stands for the default port of the transport."""

NOTHING: Table = {}
