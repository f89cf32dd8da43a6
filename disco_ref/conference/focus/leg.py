"""One call of a conference: an endpoint, as its document shows it (RFC 4575, section 5.7; from memory)."""

from __future__ import annotations

from datetime import UTC, datetime

from disco_ref.clock import Instant
from disco_ref.conference.document import (
    CallInfo,
    DisconnectionMethod,
    Endpoint,
    EndpointStatus,
    Execution,
    JoiningMethod,
    Media,
    MediaStatus,
    SipDialogId,
)
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.session.events import CallId

LABELS = {"audio": "1", "video": "2"}
"""The streams of a conference by medium, as ``available-media`` names them."""


class Leg:
    """A call between the focus and somebody's device."""

    __slots__ = (
        "call", "dialog", "display", "endpoint", "entity", "gone", "gone_at", "gone_why", "joined_at", "method",
        "negotiation", "referred_by", "signalled", "status", "_shown",
    )  # fmt: skip

    def __init__(
        self,
        call: CallId,
        entity: str,
        endpoint: str,
        display: str | None,
        method: JoiningMethod,
        negotiation: Negotiation,
        signalled: str,
        now: Instant,
        referred_by: str | None = None,
    ) -> None:
        self.call = call
        self.entity = entity
        """The URI of the user."""
        self.endpoint = endpoint
        """The URI of the device; unique within the user."""
        self.display = display
        self.method = method
        self.negotiation = negotiation
        self.signalled = signalled
        """The host that its signalling comes from."""
        self.referred_by = referred_by
        """Who asked the focus to call it."""
        self.status = EndpointStatus.dialing_in if method is JoiningMethod.dialed_in else EndpointStatus.dialing_out
        self.joined_at = now
        self.dialog: DialogId | None = None
        self.gone: DisconnectionMethod | None = None
        self.gone_at: Instant | None = None
        self.gone_why: str | None = None
        self._shown: Endpoint | None = None

    @property
    def connected(self) -> bool:
        """Whether it takes part, on hold or not."""
        return self.status in (EndpointStatus.connected, EndpointStatus.on_hold)

    def settled(self, agreement: Agreement) -> None:
        """Streams are agreed, for the first time or anew; who neither sends nor receives, or only sends, is on hold."""
        held = bool(agreement) and all(one.address is None or not one.direction.sends for one in agreement)
        self.status = EndpointStatus.on_hold if held else EndpointStatus.connected
        self._shown = None

    def stands(self, status: EndpointStatus) -> None:
        """Where its dialog stands now."""
        self.status, self._shown = status, None

    def confirmed(self, dialog: DialogId | None) -> None:
        """Its dialog is known."""
        self.dialog, self._shown = dialog, None

    def departed(self, method: DisconnectionMethod, now: Instant, why: str | None) -> None:
        """It takes part no more."""
        self.status, self.gone, self.gone_at, self.gone_why = EndpointStatus.disconnected, method, now, why
        self._shown = None

    # = rfc4575:5.7/101
    def shown(self) -> Endpoint:
        """The element that shows it, made again only after a change."""
        if self._shown is None:
            joining = None if self.status is EndpointStatus.dialing_out else _done(self.joined_at, None, None)
            referred = None if self.referred_by is None else _done(self.joined_at, None, self.referred_by)
            self._shown = Endpoint(
                entity=self.endpoint,
                referred=referred,
                status=self.status,
                joining_method=self.method,
                joining_info=joining,
                disconnection_method=self.gone,
                disconnection_info=None if self.gone_at is None else _done(self.gone_at, self.gone_why, None),
                media=() if self.gone else self._media(),
                call_info=self._call_info(),
            )
        return self._shown

    # = rfc4575:5.8/101
    def _media(self) -> tuple[Media, ...]:
        return tuple(
            Media(
                id=str(one.position + 1),
                type=one.media,
                label=LABELS.get(one.media),
                status=MediaStatus(str(one.direction.reversed)),
            )
            for one in self.negotiation.agreement
        )

    def _call_info(self) -> CallInfo | None:
        # = rfc4575:5.7/101 silent: the tags are shown as the focus's own dialog has them, from its side
        dialog = self.dialog
        if dialog is None:
            return None
        return CallInfo(sip=SipDialogId(call_id=dialog.call_id, from_tag=dialog.remote_tag, to_tag=dialog.local_tag))


def _done(when: Instant, why: str | None, by: str | None) -> Execution:
    return Execution(when=written(when), reason=why, by=by)


def written(when: Instant) -> str:
    """A point in time as documents have it, to the second."""
    return datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
