"""A configuration document, keys and certificates that the tests share. The keys are test keys, known to everybody."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from disco_ref.reload.enrollment.configuration import (
    BootstrapNode,
    Configuration,
    Kind,
    KindBlock,
    RequiredKinds,
    Signature,
)
from disco_ref.reload.security.certificates import read_certificate, reload_uri
from disco_ref.reload.security.signing import Signer, signer_with_key
from disco_ref.reload.storage.kinds import overlay_context

OVERLAY = "overlay.example.org"
CONTEXT = overlay_context(OVERLAY)
ALICE, BOB = bytes(range(16)), bytes(range(16, 32))

EXAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<overlay xmlns="urn:ietf:params:xml:ns:p2p:config-base"
   xmlns:ext="urn:ietf:params:xml:ns:p2p:config-ext1"
   xmlns:chord="urn:ietf:params:xml:ns:p2p:config-chord">
   <configuration instance-name="overlay.example.org" sequence="22"
       expiration="2002-10-10T07:00:00Z" ext:ext-example="stuff" >
       <topology-plugin> CHORD-RELOAD </topology-plugin>
       <node-id-length>16</node-id-length>
       <root-cert> YmFkIGNlcnQK </root-cert>
       <enrollment-server>https://example.org</enrollment-server>
       <self-signed-permitted
                 digest="sha1">false</self-signed-permitted>
       <bootstrap-node address="192.0.0.1" port="6084" />
       <bootstrap-node address="2001:DB8::1" />
       <turn-density> 20 </turn-density>
       <clients-permitted> false </clients-permitted>
       <no-ice> false </no-ice>
       <chord:chord-update-interval>
           400</chord:chord-update-interval>
       <chord:chord-ping-interval>30</chord:chord-ping-interval>
       <chord:chord-reactive> true </chord:chord-reactive>
       <shared-secret> password </shared-secret>
       <max-message-size>4000</max-message-size>
       <initial-ttl> 30 </initial-ttl>
       <overlay-reliability-timer> 3000 </overlay-reliability-timer>
       <overlay-link-protocol>TLS</overlay-link-protocol>
       <configuration-signer>47112162e84c69ba</configuration-signer>
       <kind-signer> 47112162e84c69ba </kind-signer>
       <kind-signer> 6eba45d31a900c06 </kind-signer>
       <bad-node> 6ebc45d31a900c06 </bad-node>
       <ext:example-extension> foo </ext:example-extension>
       <mandatory-extension>
           urn:ietf:params:xml:ns:p2p:config-ext1
       </mandatory-extension>
       <required-kinds>
         <kind-block>
           <kind name="SIP-REGISTRATION">
               <data-model>SINGLE</data-model>
               <access-control>USER-MATCH</access-control>
               <max-count>1</max-count>
               <max-size>100</max-size>
           </kind>
           <kind-signature>
                VGhpcyBpcyBub3QgcmlnaHQhCg==
           </kind-signature>
         </kind-block>
         <kind-block>
           <kind id="2000">
               <data-model>ARRAY</data-model>
               <access-control>NODE-MULTIPLE</access-control>
               <max-node-multiple>3</max-node-multiple>
               <max-count>22</max-count>
               <max-size>4</max-size>
               <ext:example-kind-extension> 1
                       </ext:example-kind-extension>
           </kind>
           <kind-signature>
              VGhpcyBpcyBub3QgcmlnaHQhCg==
           </kind-signature>
         </kind-block>
       </required-kinds>
   </configuration>
   <signature> VGhpcyBpcyBub3QgcmlnaHQhCg== </signature>

   <configuration instance-name="other.example.net">
   </configuration>
   <signature> VGhpcyBpcyBub3QgcmlnaHQhCg== </signature>

</overlay>
"""
"""The example document of RFC 6940, section 11.1, with fewer certificates, servers and nodes."""


def key_of(number: int) -> ec.EllipticCurvePrivateKey:
    """A test key: the private number is known to everybody."""
    return ec.derive_private_key(number, ec.SECP256R1())


def certificate_of(number: int, node_id: bytes, issuer: int, *, authority: bool = False) -> bytes:
    """A certificate in DER for the test key of this number, issued by another."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "root")] if authority else [])
    issued_by = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "root")] if number != issuer or authority else []
    )
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issued_by)
        .public_key(key_of(number).public_key())
        .serial_number(number)
        .not_valid_before(datetime.datetime(2010, 1, 1))
        .not_valid_after(datetime.datetime(2030, 1, 1))
    )
    if authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    else:
        names = [
            x509.UniformResourceIdentifier(reload_uri(node_id, OVERLAY, CONTEXT)),
            x509.RFC822Name("a@example.org"),
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    made = builder.sign(key_of(issuer), hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)


ROOT = certificate_of(1, b"", 1, authority=True)
ALICE_CERTIFICATE = certificate_of(2, ALICE, 1)
BOB_CERTIFICATE = certificate_of(3, BOB, 1)
MALLORY_CERTIFICATE = certificate_of(4, ALICE, 4)
"""Claims Alice's Node-ID, issued by nobody but itself."""


def signer_of(number: int, certificate: bytes) -> Signer:
    """The test key of this number as a signer under this certificate."""
    return signer_with_key(key_of(number), read_certificate(certificate, CONTEXT))


CURRENT = Configuration(
    instance_name=OVERLAY,
    sequence=1,
    root_cert=(ROOT,),
    bootstrap_node=(BootstrapNode(address="192.0.2.1"),),
    configuration_signer=(ALICE,),
    kind_signer=(BOB,),
    required_kinds=RequiredKinds(
        kind_block=(
            KindBlock(
                kind=Kind(
                    id=0xF0000001, max_count=100, max_size=1000, data_model="DICTIONARY", access_control="USER-MATCH"
                ),
                kind_signature=Signature(security_block=b""),
            ),
        )
    ),
)
"""A configuration that Alice signs, whose Kinds Bob signs."""
