"""A proxy that wants to know who its users are (RFC 3261, sections 16.3 and 22.3)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt
from conformance.live.scenarios.registrar.digest import credentials
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, final, request
from conformance.live.writing import Row, token

PROXY = "proxy"


@scenario("proxy/challenge", what="Somebody claims to be a user of the domain: without, with wrong and with right credentials.", role=PROXY,
          needs=("credentials",))  # fmt: skip
def challenge(stage: Stage) -> None:
    """Only the right ones are let through."""
    scene = Scene(stage)
    subject = stage.subject
    sender = ("From", f"<{scene.record}>;tag={token()}")
    ask = scene.asked("MESSAGE", headers=[sender], label="unproved")
    answer = attempt(scene.caller, final(to=ask), 1.0)
    if answer is None or answer.status != 407:
        attempt(scene.phone, request("MESSAGE"), 0.5)
        raise NotClaimed("the proxy asks nobody for credentials")
    for label, password in (("wrong-password", f"not-{token()}"), ("proved", subject.password)):
        row: Row | None = credentials(answer, "MESSAGE", scene.record, subject.user, password)
        again = scene.asked("MESSAGE", headers=[sender, *([row] if row else [])], label=label)
        arrived = attempt(scene.phone, request("MESSAGE"), 1.0)
        if arrived is not None:
            scene.phone.respond(arrived, 200)
        attempt(scene.caller, final(to=again), 1.0)
    scene.done()
