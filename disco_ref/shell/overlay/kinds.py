"""The Kinds that overlays of this project begin with, whoever founds them (RFC 6940, section 7.2)."""

from __future__ import annotations

from disco_ref.disco.registration import DISCO_REGISTRATION
from disco_ref.reload.enrollment.configuration import Kind
from disco_ref.reload.enrollment.foundation import CERTIFICATE_KINDS, SIP_KIND

DISCO_KIND = Kind(
    id=DISCO_REGISTRATION, max_count=64, max_size=4096, data_model="DICTIONARY", access_control="USER-MATCH"
)
"""Who are the focuses of a conference (draft-knauf-p2psip-disco-00, section 6)."""

NOTE = 0xF0000002
"""A private Kind for trying things out: one value for each user."""

NOTE_KIND = Kind(id=NOTE, max_count=1, max_size=4096, data_model="SINGLE", access_control="USER-MATCH")

KINDS = (*CERTIFICATE_KINDS, SIP_KIND, DISCO_KIND, NOTE_KIND)
