"""What a peer does from time to time (RFC 6940, section 10.7.4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.live.placed import ATTACH, PING, UPDATE, Moment, Placed, Said, place
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong

PEER = "peer"
STAYS, DIVIDED = "peer/intervals", "peer/divided"
SETTLED = 30.0
"""Seconds after which a subject that has joined is at rest."""
ROUND = 5.0
"""Seconds in which searches belong to one round."""
AT_ONCE = 0.05
"""Seconds in which Updates go out together."""
FOUND = 10.0
"""Seconds until a peer that was found is attached to, and told."""


def resting(evidence: Evidence, placed: Placed) -> list[Said]:
    """What the subject asks once it is at rest."""
    admitted = placed.admitted()
    if admitted is None:
        return []
    start = placed.event(admitted).time + SETTLED
    return [one for one in placed.said() if one.event.time > start]


def updates(evidence: Evidence, placed: Placed) -> dict[str, list[Said]]:
    """The regular Updates, by neighbour; until another peer comes to the ring."""
    found: dict[str, list[Said]] = {}
    ring = placed.ring(placed.admitted() or 0)[0]
    for one in resting(evidence, placed):
        if one.code == UPDATE and one.body.get("type") != "peer_ready" and placed.ring(one.event.number)[0] == ring:
            found.setdefault(one.place, []).append(one)
    return found


@check("rfc6940/s10_7_4_1/regular", "A peer sends Updates to all its neighbours at regular intervals.", "rfc6940:10.7.4.1/1",
       needs="a subject that stays in a ring", role=PEER, protocol="reload", scenarios=(STAYS,))  # fmt: skip
def regular(evidence: Evidence) -> Iterator[Ruling]:
    """No gap is longer than twice the interval."""
    placed = Placed(evidence)
    admitted = placed.admitted()
    if admitted is None:
        return
    slack = evidence.play.slack if evidence.play else 0.0
    most = 2 * placed.intervals["update"] + slack
    told = updates(evidence, placed)
    for node in placed.neighbors(admitted):
        times = [one.event.time for one in told.get(node, [])]
        gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
        good = len(times) > 2 and max(gaps) <= most
        seen = f"{len(times)} Updates, the longest gap {max(gaps, default=0):.0f} s"
        events = [one.event for one in told.get(node, [])][:2] or [placed.event(admitted)]
        yield rule(good, *events, why=f"Updates to {node}", expected=f"one within each {most:.0f} s", seen=seen)


@check("rfc6940/s10_7_4_1/spread", "The regular Updates of a peer do not go out all at once.", "rfc6940:10.7.4.1/3",
       needs="a subject with several neighbours that stays in a ring", level="SHOULD", role=PEER, protocol="reload",
       scenarios=(STAYS,))  # fmt: skip
def spread(evidence: Evidence) -> Iterator[Ruling]:
    """The times of Updates to different neighbours."""
    placed = Placed(evidence)
    told = sorted(
        (one for each in updates(evidence, placed).values() for one in each), key=lambda one: one.event.number
    )
    if len({one.place for one in told}) < 2:
        return
    pairs = list(zip(told, told[1:], strict=False))
    together = [one for one, other in pairs if other.event.time - one.event.time <= AT_ONCE]
    good = len(together) < len(pairs) / 2
    seen = f"{len(together)} of {len(pairs)} with the next one"
    yield rule(good, told[0].event, told[1].event, why="Updates at once", expected="most by themselves", seen=seen)


def searches(evidence: Evidence, placed: Placed) -> Iterator[tuple[Said, int]]:
    """Pings that look for fingers, and the number of the finger: to places where nobody is known."""
    for one in resting(evidence, placed):
        if one.code != PING or not one.place or len(one.way) > 1:
            continue
        distance = placed.distance(one.place)
        if distance > 1 and one.place not in placed.nodes.values():
            yield one, 128 - distance.bit_length() + 1


@check("rfc6940/s10_7_4_2/searches", "From time to time a peer searches for fingers in place of those that are nobody.",
       "rfc6940:10.7.4.2/1", needs="a subject with an invalid finger", role=PEER, protocol="reload", scenarios=(STAYS,))  # fmt: skip
def searches_fingers(evidence: Evidence) -> Iterator[Ruling]:
    """A search in the range of the finger that is nobody, a quarter of the ring away."""
    placed = Placed(evidence)
    found = [one for one, number in searches(evidence, placed) if number == 2]
    rest = resting(evidence, placed)
    if found or rest:
        first = (found or rest)[0].event
        yield rule(bool(found), first, why="the second finger is nobody", expected="searches", seen=len(found))


@check("rfc6940/s10_7_4_2/random", "The Ping of a search goes to a place at random in the range of the finger.", "rfc6940:10.7.4.2/3",
       needs="two searches for one finger", level="SHOULD", role=PEER, protocol="reload", scenarios=(STAYS,))  # fmt: skip
def at_random(evidence: Evidence) -> Iterator[Ruling]:
    """The places of searches for one finger."""
    placed = Placed(evidence)
    by_number: dict[int, list[Said]] = {}
    for one, number in searches(evidence, placed):
        by_number.setdefault(number, []).append(one)
    for number, found in by_number.items():
        if len(found) < 2:
            continue
        places = {one.place for one in found}
        good = len(places) > 1 and placed.behind(1 << 128 - number) not in places
        seen = f"{len(places)} places in {len(found)} searches"
        yield rule(
            good, found[0].event, found[1].event, why=f"finger {number}", expected="another place each time", seen=seen
        )


@check("rfc6940/s10_7_4_2/no-more-often", "Searches for fingers come no more often than chord-ping-interval says.", "rfc6940:10.7.4.2/6",
       needs="two searches", level="SHOULD", role=PEER, protocol="reload", scenarios=(STAYS,))  # fmt: skip
def no_more_often(evidence: Evidence) -> Iterator[Ruling]:
    """The time from one round of searches to the next."""
    placed = Placed(evidence)
    slack = evidence.play.slack if evidence.play else 0.0
    rounds: list[Said] = []
    for one, _ in searches(evidence, placed):
        if not rounds or one.event.time - rounds[-1].event.time > ROUND:
            rounds.append(one)
    for before, after in zip(rounds, rounds[1:], strict=False):
        passed, least = after.event.time - before.event.time, placed.intervals["ping"]
        seen = f"{passed:.0f} s"
        yield rule(
            passed >= least - slack, before.event, after.event, why="too often", expected=f"{least} s", seen=seen
        )


@check("rfc6940/s10_7_4_3/grows", "A peer with few fingers attaches to one that its search has found.", "rfc6940:10.7.4.3/1",
       needs="a search that finds somebody", level="SHOULD", role=PEER, protocol="reload", scenarios=(STAYS,))  # fmt: skip
def grows(evidence: Evidence) -> Iterator[Ruling]:
    """An Attach to the peer that has answered a search."""
    placed = Placed(evidence)
    dora = placed.nodes.get("dora")
    if dora is None:
        return
    for one, number in searches(evidence, placed):
        ring = placed.ring(one.event.number)[0]
        behind = [node for node in ring if placed.distance(node) >= placed.distance(one.place)]
        if number != 2 or behind[:1] != [dora]:
            continue
        after = [each for each in placed.said(ATTACH, after=one.event.number) if each.place == dora]
        if after or placed.opened(dora):
            yield right(one.event, *[each.event for each in after[:1]])
        elif placed.lives(one.event):
            yield wrong(one.event, why="a finger is found", expected=f"an Attach to {dora}", seen="none")
        return


# --- rings that are divided


def divided(placed: Placed) -> Moment | None:
    """When the bootstrap node was of another ring."""
    return placed.moment("divided")


def looks(placed: Placed, since: Moment) -> list[Said]:
    """Pings of the subject for its own place, through the bootstrap node."""
    boot, own = placed.nodes["boot"], (placed.own, placed.behind(1))
    return [
        one for one in placed.said(PING, after=since.number)
        if one.place in own and (one.party == "boot" or boot in [place(each) for each in one.way])
    ]  # fmt: skip


@check("rfc6940/s10_7_4_4/bootstrap-again", "From time to time a peer looks for a bootstrap node again.", "rfc6940:10.7.4.4/1a",
       needs="a subject that stays in a ring", role=PEER, protocol="reload", scenarios=(DIVIDED,))  # fmt: skip
def bootstrap_again(evidence: Evidence) -> Iterator[Ruling]:
    """A link to it, or a request through it, after the subject has joined."""
    placed = Placed(evidence)
    since = divided(placed)
    if since is None:
        return
    opened = [at for at, by_subject in placed.opened(placed.nodes["boot"]) if by_subject and at >= since.number]
    asked = [one for one in placed.said(after=since.number) if one.party == "boot"]
    good = bool(opened or asked)
    if good or placed.lives(since.event):
        event = asked[0].event if asked else since.event
        yield rule(
            good, event, why="six hours", expected="the bootstrap node is contacted", seen=f"{len(opened)} links"
        )


@check("rfc6940/s10_7_4_4/own-place", "Through the bootstrap node, the peer pings its own place.", "rfc6940:10.7.4.4/1b",
       needs="a subject that has found a bootstrap node again", level="SHOULD", role=PEER, protocol="reload", scenarios=(DIVIDED,))  # fmt: skip
def own_place(evidence: Evidence) -> Iterator[Ruling]:
    """A Ping through it for the subject's Node-ID, or for the place behind it."""
    placed = Placed(evidence)
    since = divided(placed)
    if since is None:
        return
    found = looks(placed, since)
    if found:
        yield right(found[0].event)
        return
    opened = [at for at, by_subject in placed.opened(placed.nodes["boot"]) if by_subject and at >= since.number]
    through = [one.event for one in placed.said(after=since.number) if one.party == "boot"]
    if opened or through:
        seen = f"{len(opened)} links and {len(through)} requests"
        yield wrong(
            *through[:1] or [since.event], why="a bootstrap node", expected="a Ping of its own place", seen=seen
        )


@check("rfc6940/s10_7_4_4/healed", "Where that Ping is answered by a peer that is not the successor, the peer attaches to it through the bootstrap node and sends it an Update.",
       "rfc6940:10.7.4.4/1c", needs="a ring that is divided", level="SHOULD", role=PEER, protocol="reload", scenarios=(DIVIDED,))  # fmt: skip
def healed(evidence: Evidence) -> Iterator[Ruling]:
    """An Attach by way of the bootstrap node, and an Update."""
    placed = Placed(evidence)
    since = divided(placed)
    if since is None:
        return
    found = looks(placed, since)
    if not found:
        yield unclear(since.event, why="the subject does not look for another ring")
        return
    sue, boot = placed.nodes["sue"], placed.nodes["boot"]
    start = found[0].event
    attach = [
        one for one in placed.said(ATTACH, after=start.number)
        if one.place == sue and (one.party == "boot" or boot in [place(each) for each in one.way])
    ]  # fmt: skip
    told = [one for one in placed.said(UPDATE, after=start.number) if one.place == sue]
    good = bool(attach) and bool(told) and told[0].event.number > attach[0].event.number
    seen = f"{len(attach)} Attaches, {len(told)} Updates"
    yield rule(good, start, why="another ring", expected="an Attach and an Update", seen=seen)
