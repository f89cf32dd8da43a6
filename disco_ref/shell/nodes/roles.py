"""Which cores play the roles of the adapter, and what their users can do (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disco_ref.clock import Instant
from disco_ref.conference.focus.policy import Policy
from disco_ref.entropy import Entropy
from disco_ref.media.offer_answer.capabilities import Capabilities, relaying, speaking
from disco_ref.media.relay import Relay
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.peer.proxy import ProxyCore
from disco_ref.peer.registrar import RegistrarCore
from disco_ref.peer.telephone import telephone
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.media import AUDIO, VIDEO, VirtualMedia
from disco_ref.shell.nodes.settings import Settings
from disco_ref.shell.nodes.user import User
from disco_ref.shell.nodes.virtual import Role
from disco_ref.sip.actions import Action
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.message import Request
from disco_ref.sip.uri import SipUri, read_uri


def _hosts(settings: Settings) -> dict[int, str]:
    return {6 if one.ipv6 else 4: one.address.host for one in settings.listening}


def _media(settings: Settings) -> Capabilities:
    hosts = _hosts(settings)
    return relaying(hosts, dict.fromkeys(hosts, AUDIO), dict.fromkeys(hosts, VIDEO))


def _ports(settings: Settings, relay: Relay, *media: str) -> VirtualMedia | None:
    """Ports for its media, where they are wanted."""
    return VirtualMedia(relay, _hosts(settings), media) if settings.media else None


def _accounts(settings: Settings) -> Accounts | None:
    return Accounts({settings.user: settings.password}) if settings.user else None


def _domains(settings: Settings) -> list[str]:
    return [settings.domain] if settings.domain else []


def _idle(what: str, params: Mapping[str, Json], now: Instant) -> list[Action]:
    raise Unsupported("trigger", what)


def registrar(settings: Settings, entropy: Entropy) -> Role:
    """A registrar that keeps its bindings in memory."""
    return Role(RegistrarCore(_domains(settings), entropy, accounts=_accounts(settings), stores=False), _idle)


def proxy(settings: Settings, entropy: Entropy) -> Role:
    """A record-routing proxy with its registrar."""
    accounts = _accounts(settings)
    route = tuple(map(str, settings.route))
    core = ProxyCore(
        _domains(settings), entropy, accounts=accounts, stores=False, challenges=accounts is not None, route=route,
        redirects=settings.redirects,
    )  # fmt: skip
    return Role(core, _idle)


def user_agent(settings: Settings, entropy: Entropy) -> Role:
    """A telephone that answers at once."""
    accounts = [Account(settings.user, settings.password)] if settings.user else []
    address = settings.uri or f"sip:{settings.user or 'phone'}@{settings.listening[0].sent_by}"
    hosts = _hosts(settings)
    able = speaking(hosts, dict.fromkeys(hosts, AUDIO))
    node = telephone(address, able, entropy, accounts=accounts, info_packages=settings.info_packages)
    ports = _ports(settings, Relay(entropy), "audio")
    user = User(node, entropy, settings.route, ports)
    return Role(node.core, user.act, user.told, media=ports)


def focus(settings: Settings, entropy: Entropy) -> Role:
    """A focus with a factory; its user can lock a conference and call somebody into it."""
    uri = read_uri(settings.uri) if settings.uri else None
    name = uri.user if isinstance(uri, SipUri) and uri.user else "conference"
    door = _Door(settings, entropy)
    node = focus_node(Policy(factory=name, asks=settings.pending), _media(settings), entropy, authenticate=door.passes)
    return Role(node.core, _Chair(node, door).act, media=_ports(settings, node.relay, "audio", "video"))


def notifier(settings: Settings, entropy: Entropy) -> Role:
    """A notifier of the conference package: a focus whose conferences are all there when somebody subscribes."""
    door = _Door(settings, entropy)
    node = focus_node(
        Policy(factory="", reserved=(), asks=settings.pending), _media(settings), entropy, authenticate=door.passes
    )
    return Role(node.core, _Chair(node, door).act)


class _Door:
    """Lets everybody in; when it is closed, whoever proves to be the user of the settings."""

    def __init__(self, settings: Settings, entropy: Entropy) -> None:
        accounts = _accounts(settings) or Accounts({})
        self._authenticator = Authenticator(settings.domain or "focus", accounts, Nonces(entropy))
        self.closed = False

    def passes(self, request: Request, now: Instant) -> None:
        """Raises Unauthenticated."""
        if self.closed:
            self._authenticator.authenticate(request, now)


class _Chair:
    """Who runs a focus."""

    def __init__(self, node: FocusNode, door: _Door) -> None:
        self._node = node
        self._door = door
        self._locked: set[str] = set()

    def act(self, what: str, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """``notify`` changes the state of a conference, by its lock; ``invite`` calls somebody into it; ``bye`` ends all calls."""
        focus, of = self._node.focus, self._conference(params)
        if what == "notify":
            self._locked ^= {of}
            actions = focus.lock(of, of in self._locked, now)
        elif what in ("lock", "unlock"):
            actions = focus.lock(of, what == "lock", now)
        elif what == "limit":
            actions = focus.limit(of, _number(params.get("number")), now)
        elif what == "invite":
            actions = focus.invite(of, read_uri(str(params.get("uri"))), now)
        elif what == "bye":
            actions = focus.close(now)
        elif what in ("grant", "deny"):
            actions = focus.decide(of, what == "grant", now)
        elif what == "challenge":
            self._door.closed, actions = True, []
        else:
            raise Unsupported(
                "trigger", what, ("notify", "lock", "unlock", "limit", "invite", "bye", "grant", "deny", "challenge")
            )
        return self._node.settle(actions, now)

    def _conference(self, params: Mapping[str, Json]) -> str:
        target = params.get("target") or params.get("uri")
        uri = read_uri(target) if isinstance(target, str) and target else None
        return uri.user if isinstance(uri, SipUri) and uri.user else "room"


def _number(value: Json) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:
        return int(value)
    raise Unsupported("trigger", "limit", ("a `number`",))


ROLES: Mapping[str, Callable[[Settings, Entropy], Role]] = {
    "focus": focus,
    "notifier": notifier,
    "proxy": proxy,
    "registrar": registrar,
    "user-agent": user_agent,
}
"""By the name of the role."""
