"""Documents: strict reading, validation by two libraries and typed values, against a bare parse by lxml.

The document is a conference of RFC 4575 with as many users as make about 3.6 kB.  All sides are measured in turns
in one process and compared by the median of the turns, so that a busy machine slows down all.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable

from lxml import etree

from disco_ref.conference.document import (
    ConferenceDescription,
    ConferenceInfo,
    ConferenceState,
    Endpoint,
    EndpointStatus,
    Execution,
    JoiningMethod,
    Media,
    MediaStatus,
    User,
    Users,
    from_tree,
    read,
    to_octets,
)
from disco_ref.notation.markup import read as read_tree
from disco_ref.reload.enrollment import document as enrollment
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.shell import published

TURNS = 60
USERS = 7


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    info = conference()
    octets = to_octets(info)
    assert read(octets) == info
    tree = read_tree(octets)
    schema = published.conference_info()
    assert schema.by_lxml(tree.root) is None and schema.by_xmlschema(tree.root) is None
    configured = enrollment.assemble([(enrollment.element_octets(configuration()), [b"signature" * 20])])
    parse, strict, valid, second, typed, written, plain, exact = _in_turns(
        (20, lambda: etree.fromstring(octets)),
        (20, lambda: read_tree(octets)),
        (20, lambda: schema.by_lxml(read_tree(octets).root)),
        (1, lambda: schema.by_xmlschema(read_tree(octets).root)),
        (5, lambda: from_tree(read_tree(octets))),
        (5, lambda: to_octets(info)),
        (20, lambda: etree.fromstring(configured)),
        (5, lambda: enrollment.read(configured)),
    )
    one, other = f"lxml's bare parse of {len(octets)} bytes", f"lxml's bare parse of {len(configured)} bytes"
    return [
        _row("strict reading of a conference document", strict, parse, one),
        _row("reading and validating it by lxml", valid, parse, one),
        _row("the same by xmlschema", second, valid, "reading and validating by lxml"),
        _row("reading it to typed values", typed, parse, one),
        _row("writing typed values", written, parse, one),
        _row("a configuration to typed values and the exact octets signed", exact, plain, other),
        {
            "name": "memory of a conference document as typed values",
            "value": _memory(lambda: read(octets)) / len(octets),
            "unit": "times its octets",
            "ratio_to": f"{len(octets)} bytes",
        },
    ]


def conference() -> ConferenceInfo:
    """A conference of some users with one stream each."""
    return ConferenceInfo(
        entity="sips:team@example.com",
        version=1,
        conference_description=ConferenceDescription(subject="Agenda of the week", maximum_user_count=50),
        conference_state=ConferenceState(user_count=USERS, active=True),
        users=Users(user=tuple(_user(number) for number in range(USERS))),
    )


def _user(number: int) -> User:
    endpoint = Endpoint(
        entity=f"sip:user{number}@pc{number}.example.com",
        display_text=f"Device of user {number}",
        status=EndpointStatus.connected,
        joining_method=JoiningMethod.dialed_out,
        joining_info=Execution(when="2005-03-04T20:00:00Z", by="sip:mike@example.com"),
        media=(Media(id="1", type="audio", label="34567", src_id=f"53423{number}", status=MediaStatus.sendrecv),),
    )
    return User(entity=f"sip:user{number}@example.com", display_text=f"User {number}", endpoint=(endpoint,))


def configuration() -> Configuration:
    """A configuration with one root certificate and some signers."""
    signers = tuple(bytes([number]) * 16 for number in range(4))
    return Configuration(
        instance_name="overlay.example",
        sequence=1,
        root_cert=(bytes(800),),
        configuration_signer=signers,
        kind_signer=signers,
    )


def _in_turns(*sides: tuple[int, Callable[[], object]]) -> list[list[float]]:
    """For each side the seconds of one run in every turn; the sides alternate."""
    found: list[list[float]] = [[] for _ in sides]
    for _ in range(TURNS):
        for (times, side), seconds in zip(sides, found, strict=True):
            start = time.perf_counter()
            for _ in range(times):
                side()
            seconds.append((time.perf_counter() - start) / times)
    return found


def _row(name: str, part: list[float], whole: list[float], measured_against: str) -> dict[str, object]:
    ratio = statistics.median(one / other for one, other in zip(part, whole, strict=True))
    return {"name": name, "value": ratio, "unit": "times", "ratio_to": measured_against}


def _memory(make: Callable[[], object]) -> int:
    """Octets that one more result takes, once everything that is made only once is there."""
    make()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make() for _ in range(50)]
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) // len(kept)
