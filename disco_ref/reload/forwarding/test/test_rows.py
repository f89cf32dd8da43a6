"""Attach, AppAttach, Ping, ConfigUpdate, value and octets both ways (RFC 6940, section 6.5)."""

from __future__ import annotations

from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort, IPv6AddrPort
from disco_ref.reload.forwarding.app_attach import AppAttachAns, AppAttachReq
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.config_update import ConfigUpdateAns, ConfigUpdateReq, ConfigUpdateType
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, IceExtension, OverlayLinkType
from disco_ref.reload.forwarding.ping import PingAns, PingReq

V4 = IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(0xC0000201, 6084))
V6 = IpAddressPort(AddressType.ipv6_address, IPv6AddrPort(1, 2))
HOST = IceCandidate(V4, OverlayLinkType.DTLS_UDP_SR, b"f", 5, CandType.host, None, ())
HOST_HEX = "0106c000020117c4 01 01 66 00000005 01 0000"
RELAY = IceCandidate(V6, 5, b"", 0, CandType.relay, V4, (IceExtension(b"n", b"v"),))
RELAY_HEX = "0212" + "00" * 15 + "01 0002 05 00 00000000 04 0106c000020117c4 0006 0001 6e 0001 76"

ROWS: list[tuple[NamedTuple, str]] = [
    (HOST, HOST_HEX),
    (RELAY, RELAY_HEX),
    (HOST._replace(overlay_link=OverlayLinkType.DTLS_UDP_SR_NO_ICE), HOST_HEX.replace("17c4 01", "17c4 03")),
    (HOST._replace(overlay_link=OverlayLinkType.TLS_TCP_FH_NO_ICE), HOST_HEX.replace("17c4 01", "17c4 04")),
    (
        IceCandidate(V4, OverlayLinkType.DTLS_UDP_SR, b"", 0, CandType.srflx, V4, ()),
        "0106c000020117c4 01 00 00000000 02 0106c000020117c4 0000",
    ),
    (IpAddressPort(9, Unknown(9, b"abc")), "09 03 616263"),
    (AttachReqAns(b"u", b"p", b"passive", (HOST,), True), "01 75 01 70 07 70617373697665 0012" + HOST_HEX + "01"),
    (AppAttachReq(b"u", b"p", 5060, b"", ()), "01 75 01 70 13c4 00 0000"),
    (AppAttachAns(b"", b"", 5060, b"x", (HOST,)), "00 00 13c4 01 78 0012" + HOST_HEX),
    (PingReq(b""), "0000"),
    (PingAns(1, 2), "0000000000000001 0000000000000002"),
    (ConfigUpdateReq(ConfigUpdateType.config, b"<c/>"), "01 00000007 000004 3c632f3e"),
    (ConfigUpdateReq(ConfigUpdateType.kind, (b"k", b"")), "02 00000008 000005 0001 6b 0000"),
    (ConfigUpdateReq(7, Unknown(7, b"new")), "07 00000003 6e6577"),
    (ConfigUpdateAns(), ""),
]
"""Values and their octets, used both ways."""

REFUSED: list[tuple[type[object], str]] = [
    (IceCandidate, HOST_HEX.replace("00000005 01", "00000005 03")),
    (IceCandidate, HOST_HEX.replace("00000005 01", "00000005 00")),
    (IceCandidate, HOST_HEX.replace("17c4 01", "17c4 00")),
    (IpAddressPort, "01 05 c000020117"),
    (IpAddressPort, "01 07 c000020117c400"),
    (ConfigUpdateReq, "01 00000008 000004 3c632f3e 00"),
    (PingAns, "00"),
]
"""Octets that no reader takes."""


class RowTests(SynchronousTestCase):
    """Reading and writing."""

    def test_rows(self) -> None:
        """Every value is written as its octets, read from them, and refused where they are cut or longer."""
        # = rfc6940:6.3.1.1/0 test
        # = rfc6940:6.5.1.1/0 test
        # = rfc6940:6.5.2.1/0 test
        # = rfc6940:6.5.2.2/0 test
        # = rfc6940:6.5.3.1/0 test
        # = rfc6940:6.5.3.2/0 test
        # = rfc6940:6.5.4.1/0 test
        # = rfc6940:6.5.4.2/0 test
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            self.assertEqual(encode(value).hex(), octets.hex())
            self.assertEqual(decode(type(value), octets), value)
            for wrong in [octets[:end] for end in range(len(octets))] + [octets + b"\0"]:
                with self.assertRaises(Refusal):
                    decode(type(value), wrong)

    def test_refused(self) -> None:
        """Wrong types and lengths are refused."""
        # = rfc6940:6.5.1.1/0 test
        # = rfc6940:6.3.1.1/1a test
        for cls, digits in REFUSED:
            with self.assertRaises(Refusal, msg=f"{cls.__name__} {digits}"):
                decode(cls, bytes.fromhex(digits))

    def test_all_ice_or_none(self) -> None:
        """Candidates for ICE and candidates without do not stand side by side; link types nobody knows may."""
        # = rfc6940:6.5.1.1/4 test
        without = HOST._replace(overlay_link=OverlayLinkType.TLS_TCP_FH_NO_ICE)
        unknown = HOST._replace(overlay_link=77)
        for candidates in ((HOST, unknown), (without, unknown)):
            octets = encode(AttachReqAns(b"", b"", b"", candidates, False))
            self.assertEqual(decode(AttachReqAns, octets).candidates, candidates)
        with self.assertRaises(BadValue):
            decode(AttachReqAns, encode(AttachReqAns(b"", b"", b"", (HOST, without), False)))
