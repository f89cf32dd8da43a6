"""Contact: where a user agent can be reached (RFC 3261, section 20.10; RFC 3840, section 9, for its features)."""

from __future__ import annotations

from enum import Enum

from disco_ref.sip.grammar import seconds
from disco_ref.sip.header import parameters
from disco_ref.sip.header.addressing.name_addr import NameAddr, addresses, plain
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.parameters import Known

# = rfc3261:10.2/14
_KNOWN: Known = {"q": parameters.qvalue}


# Contact        =  ("Contact" / "m" ) HCOLON ( STAR / (contact-param *(COMMA contact-param)))
# contact-param  =  (name-addr / addr-spec) *(SEMI contact-params)
# c-p-q          =  "q" EQUAL qvalue                   c-p-expires  =  "expires" EQUAL delta-seconds
class Contact(NameAddr):
    """One address of a user agent, with preference, lifetime and features."""

    __slots__ = ()

    @classmethod
    def known(cls) -> Known:
        """``q`` is a qvalue."""
        return _KNOWN

    @property
    def expires(self) -> int | None:
        """How long the binding is wanted, seconds, at most 2^32-1; None where it does not say so in digits.

        What is malformed counts as absent: the registrar then takes 3600 (section 10.2.1.1).
        """
        # = rfc3261:10.2/13
        # = rfc3261:10.2/14
        return seconds(self.parameter("expires"))

    @property
    def isfocus(self) -> bool:
        """Whether the address is a conference (RFC 3840, section 9; RFC 4579)."""
        # = rfc3840:9/0
        return parameters.present(self.parameter_text, "isfocus")


# = rfc3261:10.2.2/0
class Star(Enum):
    """All bindings at once, in a REGISTER that removes them (section 10.2.2)."""

    ALL = "*"

    def __str__(self) -> str:
        """The asterisk."""
        return "*"


_contacts = addresses("Contact", Contact)


def _read(text: str) -> list[Contact | Star]:
    if text.strip(" \t") == "*":
        return [Star.ALL]
    return [*_contacts(text)]


# = rfc3261:20.10/0
# = rfc3261:10.2.1/1
CONTACT: Field[Contact | Star] = Field("Contact", _read, compact="m", needed=True, plain=plain(Contact))
