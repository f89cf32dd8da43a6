"""Every header field that is known, by name (RFC 3261, section 20, table 2 and 7.3.3; the RFCs of its extensions)."""

from __future__ import annotations

from collections.abc import Mapping

from disco_ref.sip.header.addressing.contact import CONTACT
from disco_ref.sip.header.addressing.parties import FROM, TO
from disco_ref.sip.header.addressing.refer_to import REFER_TO
from disco_ref.sip.header.addressing.referred_by import REFERRED_BY
from disco_ref.sip.header.addressing.reply_to import REPLY_TO
from disco_ref.sip.header.addressing.route import PATH, RECORD_ROUTE, ROUTE
from disco_ref.sip.header.content.content_type import ACCEPT, CONTENT_TYPE
from disco_ref.sip.header.content.qualified import ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_DISPOSITION
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE
from disco_ref.sip.header.events.info_package import INFO_PACKAGE, RECV_INFO
from disco_ref.sip.header.field import AnyField
from disco_ref.sip.header.identity.call_id import CALL_ID, IN_REPLY_TO
from disco_ref.sip.header.identity.cseq import CSEQ
from disco_ref.sip.header.identity.rack import RACK, RSEQ
from disco_ref.sip.header.identity.replaces import REPLACES
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.date import DATE
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH, EXPIRES, MAX_BREADTH, MAX_FORWARDS, MIN_EXPIRES
from disco_ref.sip.header.plain.reference import ALERT_INFO, CALL_INFO, ERROR_INFO
from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.header.plain.text import ORGANIZATION, SERVER, SUBJECT, USER_AGENT
from disco_ref.sip.header.plain.timestamp import TIMESTAMP
from disco_ref.sip.header.plain.tokens import (
    ALLOW,
    ALLOW_EVENTS,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    MIME_VERSION,
    PRIORITY,
    PROXY_REQUIRE,
    REQUIRE,
    SIP_ETAG,
    SIP_IF_MATCH,
    SUPPORTED,
    UNSUPPORTED,
)
from disco_ref.sip.header.plain.warning import WARNING
from disco_ref.sip.header.security.authorization import (
    AUTHENTICATION_INFO,
    AUTHORIZATION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    WWW_AUTHENTICATE,
)

# = rfc3261:20/0
ALL: tuple[AnyField, ...] = (
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    ALERT_INFO,
    ALLOW,
    ALLOW_EVENTS,
    AUTHENTICATION_INFO,
    AUTHORIZATION,
    CALL_ID,
    CALL_INFO,
    CONTACT,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CSEQ,
    DATE,
    ERROR_INFO,
    EVENT,
    EXPIRES,
    FROM,
    IN_REPLY_TO,
    INFO_PACKAGE,
    MAX_BREADTH,
    MAX_FORWARDS,
    MIME_VERSION,
    MIN_EXPIRES,
    ORGANIZATION,
    PATH,
    PRIORITY,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_REQUIRE,
    RACK,
    RECORD_ROUTE,
    RECV_INFO,
    REFER_TO,
    REFERRED_BY,
    REPLACES,
    REPLY_TO,
    REQUIRE,
    RETRY_AFTER,
    ROUTE,
    RSEQ,
    SERVER,
    SIP_ETAG,
    SIP_IF_MATCH,
    SUBJECT,
    SUBSCRIPTION_STATE,
    SUPPORTED,
    TIMESTAMP,
    TO,
    UNSUPPORTED,
    USER_AGENT,
    VIA,
    WARNING,
    WWW_AUTHENTICATE,
)
"""The fields in the order of the alphabet."""

BY_KEY: Mapping[str, AnyField] = {field.key: field for field in ALL}
"""From the long name in lower case to the field."""

# = rfc3261:7.3.3/0
SPELLINGS: Mapping[str, str] = {
    spelling: field.key
    for field in ALL
    for spelling in (field.name, field.key, field.name.upper(), field.compact, field.compact.upper())
    if spelling
}
"""From the usual spellings of a name, compact ones too, to the long name in lower case: what most messages need."""


def key_of(name: str) -> str:
    """The long name in lower case of a field in any spelling; of a field that is not known, its name in lower case."""
    # = rfc3261:7.3.3/3
    # = rfc3261:7.3.3/2
    lower = name.lower()
    return SPELLINGS.get(lower, lower)
