"""A peer admits another one (RFC 6940, sections 6.4.2.1, 6.4.2.3, 10.5 and 10.7.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, body_of, code_of
from conformance.checks.rfc6940.live.placed import STORE, UPDATE, Placed, Said
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules

PEER = "peer"
ADMITS = ("peer/admits-first", "peer/admits-between")
NEEDS = "a Join that the subject is to grant"
JOIN_ANS, FORBIDDEN = 16, 2


def newcomer(placed: Placed) -> tuple[Seen, str] | None:
    """The Join that is to be granted, and by whom it is."""
    found = next(placed.labelled("join"), None)
    return (found, placed.nodes[placed.party(found)]) if found is not None else None


def labels(placed: Placed, nora: str) -> Iterator[Said]:
    """The Updates that have the newcomer as predecessor."""
    return (one for one in placed.said(UPDATE) if nora in one.table("predecessors"))


@check("rfc6940/s10_5/join-answered", "The admitting peer answers the Join.", "rfc6940:10.5/6", needs=NEEDS, role=PEER,
       protocol="reload", scenarios=ADMITS)  # fmt: skip
def join_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The JoinAns."""
    for one in asked(evidence):
        if one.event.label == "join":
            codes = [code_of(message) for _, message in one.answers]
            yield rule(JOIN_ANS in codes, one.event, why="the answer", expected="a JoinAns", seen=codes or "nothing")


@check("rfc6940/s10_5/data-handed-over", "The admitting peer stores at the newcomer what that becomes responsible for.", "rfc6940:10.5/7",
       needs="data in the range of the newcomer", role=PEER, protocol="reload", scenarios=ADMITS)  # fmt: skip
def data_handed_over(evidence: Evidence) -> Iterator[Ruling]:
    """A Store to the newcomer for each value that was stored there."""
    placed = Placed(evidence)
    join = newcomer(placed)
    if join is None:
        return
    given = {
        str(one.body.get("resource")): one for one in placed.said(STORE, after=join[0].number) if one.place == join[1]
    }
    for event in placed.labelled("kept by the newcomer"):
        resource = str(body_of(event.reload)["resource"]) if event.reload else ""
        if resource in given:
            yield right(event, given[resource].event)
        elif placed.lives(join[0]):
            yield wrong(event, join[0], why="not handed over", expected=f"a Store of {resource}", seen=sorted(given))


@check("rfc6940/s06_4_2/stores-before-update", "The newcomer gets its data before the Update that makes it a peer.", "rfc6940:6.4.2.1/5",
       needs="data in the range of the newcomer", role=PEER, protocol="reload", scenarios=ADMITS)  # fmt: skip
def stores_before_update(evidence: Evidence) -> Iterator[Ruling]:
    """The first Store to the newcomer, and the first Update that has it as predecessor."""
    placed = Placed(evidence)
    join = newcomer(placed)
    if join is None:
        return
    stores = [one for one in placed.said(STORE, after=join[0].number) if one.place == join[1]]
    for update in [one for one in labels(placed, join[1]) if one.place == join[1]][:1]:
        good = bool(stores) and stores[0].event.number < update.event.number
        yield rule(good, join[0], update.event, why="order", expected="Stores before", seen=f"{len(stores)} Stores")


@check("rfc6940/s10_5/named-predecessor", "The admitting peer sends the newcomer an Update that has it as predecessor.", "rfc6940:10.5/8",
       needs=NEEDS, role=PEER, protocol="reload", scenarios=ADMITS)  # fmt: skip
def named_predecessor(evidence: Evidence) -> Iterator[Ruling]:
    """The first predecessor in an Update to the newcomer."""
    placed = Placed(evidence)
    join = newcomer(placed)
    if join is None:
        return
    told = [one for one in placed.said(UPDATE, after=join[0].number) if one.place == join[1]]
    good = [one for one in told if join[1] in one.table("predecessors")]
    if good:
        yield right(join[0], good[0].event)
    elif placed.lives(join[0]):
        seen = [one.table("predecessors") for one in told]
        yield wrong(join[0], why="no such Update", expected=f"{join[1]} as predecessor", seen=seen)


@check("rfc6940/s10_5/neighbours-told", "The admitting peer sends an Update with its new neighbours to all of them.", "rfc6940:10.5/11",
       needs=NEEDS, role=PEER, protocol="reload", scenarios=("peer/admits-between",))  # fmt: skip
def neighbours_told(evidence: Evidence) -> Iterator[Ruling]:
    """An Update with the newcomer as predecessor to each who has joined."""
    placed = Placed(evidence)
    join = newcomer(placed)
    if join is None:
        return
    told = {one.place: one for one in labels(placed, join[1])}
    for name in ("pia", "quinn", "rosa", "sven", "nora"):
        node = placed.nodes[name]
        if node in told:
            yield right(told[node].event)
        elif placed.lives(join[0]):
            yield wrong(join[0], why="a neighbour is not told", expected=f"an Update to {name}", seen=sorted(told))


@check("rfc6940/s10_7_3/range-told", "A peer whose range has changed tells all with whom it has a connection, clients too.",
       "rfc6940:10.7.3/8", needs=NEEDS, role=PEER, protocol="reload", scenarios=ADMITS)  # fmt: skip
def range_told(evidence: Evidence) -> Iterator[Ruling]:
    """An Update to each who is linked when the newcomer has joined."""
    placed = Placed(evidence)
    join = newcomer(placed)
    if join is None:
        return
    told = {one.place: one for one in placed.said(UPDATE, after=join[0].number)}
    for node in placed.connected(join[0].number):
        if node in told:
            yield right(told[node].event)
        elif placed.lives(join[0]):
            yield wrong(join[0], why="a connected node is not told", expected=f"an Update to {node}", seen=sorted(told))


@check("rfc6940/s10_5/replica-kept", "What the admitting peer has given to the newcomer, it keeps as a replica.", "rfc6940:10.5/10",
       needs="a newcomer that fails", level="SHOULD", role=PEER, protocol="reload", scenarios=("peer/admits-first",))  # fmt: skip
def replica_kept(evidence: Evidence) -> Iterator[Ruling]:
    """A Fetch when the newcomer is gone."""
    for one in asked(evidence):
        if one.event.label != "fetch what was given away":
            continue
        for event, answer in one.answers[:1]:
            found = [
                value for kind in rules.objects(body_of(answer).get("kind_responses"))
                for value in rules.objects(kind.get("values")) if "'exists': True" in str(value)
            ]  # fmt: skip
            yield rule(
                bool(found), one.event, event, why="the value", expected="one value", seen=f"{len(found)} values"
            )


@check("rfc6940/s06_4_2/join-over-own-link", "A Join over a link that is bound to another Node-ID is not granted.", "rfc6940:6.4.2.1/3",
       needs="a Join over somebody else's link, and one that is granted", role=PEER, protocol="reload", scenarios=("peer/joins-strayed",))  # fmt: skip
def join_over_own_link(evidence: Evidence) -> Iterator[Ruling]:
    """No JoinAns and no Update that places the newcomer until the right Join."""
    placed = Placed(evidence)
    join = newcomer(placed)
    for strayed in placed.labelled("strayed"):
        if strayed.reload is None or not evidence.alive_after(strayed):
            yield unclear(strayed, why="the subject is silent")
            continue
        transaction = strayed.reload.header["transaction_id"]
        granted = [
            event for event in evidence.events
            if event.direction == "sent" and event.reload is not None and code_of(event.reload) == JOIN_ANS
            and event.reload.header["transaction_id"] == transaction
        ]  # fmt: skip
        last = join[0].number if join else evidence.events[-1].number
        nora = placed.nodes["nora"]
        early = [one.event for one in labels(placed, nora) if one.event.number < last]
        if join is None or not list(labels(placed, nora)):
            yield unclear(strayed, why="the right Join is not granted either")
            continue
        seen = f"{len(granted)} JoinAns, {len(early)} Updates"
        yield rule(
            not granted and not early, strayed, *granted, *early, why="granted", expected="no admission", seen=seen
        )


@check("rfc6940/s06_4_2/join-own-name", "A Join for another Node-ID than its signer's gets Error_Forbidden.", "rfc6940:6.4.2.1/2a",
       "rfc6940:6.4.2.1/2b", needs="a Join in somebody else's name", role=PEER, protocol="reload", scenarios=("peer/joins-strayed",))  # fmt: skip
def join_own_name(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in asked(evidence):
        if one.event.label == "in another name":
            codes = [rules.number(body_of(message).get("error_code", 0)) for _, message in one.answers]
            yield rule(
                codes[:1] == [FORBIDDEN], one.event, why="the answer", expected="error 2", seen=codes or "nothing"
            )


@check("rfc6940/s06_4_2/update-after-attach", "An Attach that wants an Update is followed by one as soon as there is a link.",
       "rfc6940:6.4.2.3/1", needs="an Attach with send_update", role=PEER, protocol="reload", scenarios=("peer/attach-update",))  # fmt: skip
def update_after_attach(evidence: Evidence) -> Iterator[Ruling]:
    """An Update to the client behind its Attach."""
    placed = Placed(evidence)
    for event in placed.labelled("update: true"):
        node = placed.nodes[placed.party(event)]
        opened = [at for at, by_subject in placed.opened(node) if by_subject and at >= event.number]
        told = [one for one in placed.said(UPDATE, after=event.number) if one.place == node]
        if told:
            yield right(event, told[0].event)
        elif not opened:
            yield unclear(event, why="the subject has opened no link")
        elif evidence.alive_after(event):
            yield wrong(event, why="no Update", expected="an Update over the new link", seen="none")
