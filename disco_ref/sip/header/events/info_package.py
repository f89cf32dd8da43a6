"""Info-Package and Recv-Info: what an INFO carries, and what a user agent takes (RFC 6086, section 7)."""

from __future__ import annotations

from disco_ref.sip.header.content.qualified import QUALIFIED, qualified
from disco_ref.sip.header.field import Field, listed, single

# Info-Package        =  "Info-Package" HCOLON Info-package-type
# Info-package-type   =  Info-package-name *( SEMI Info-package-param )
# = rfc6086:9.2/0
INFO_PACKAGE = Field("Info-Package", single("Info-Package", QUALIFIED, qualified), repeats=False, needed=True)
# Recv-Info           =  "Recv-Info" HCOLON [Info-package-list]
# Info-package-list   =  Info-package-type *( COMMA Info-package-type )
# = rfc6086:9.2/0
# = rfc6086:5.2.2/2
RECV_INFO = Field("Recv-Info", listed("Recv-Info", QUALIFIED, qualified, empty=True))
