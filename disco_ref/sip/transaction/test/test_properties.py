"""Properties of two layers over a network that loses, delays, doubles and reorders, in virtual time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Transport
from disco_ref.sip.transaction.test.pair import Pair, Plan, Weather

SETTINGS = settings(deadline=None, derandomize=True, max_examples=80)

weathers = st.builds(
    Weather,
    seed=st.integers(0, 2**32),
    lost=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    doubled=st.sampled_from([0.0, 0.3, 1.0]),
    delay=st.floats(0.0, 2.0),
)
never = st.just(0.0)
calm = st.builds(Weather, seed=st.integers(0, 2**32), lost=never, doubled=never, delay=st.floats(0.0, 0.2))
seconds = st.floats(0.0, 60.0)
provisional = st.lists(st.tuples(seconds, st.sampled_from([100, 180, 183])), max_size=3)


@st.composite
def plans(draw: st.DrawFn, method: str, latest: float = 60.0) -> Plan:
    """Some provisional responses, and a final one behind them; and perhaps a caller who gives up."""
    final = draw(st.tuples(st.floats(0.0, latest), st.sampled_from([200, 302, 486, 603])))
    answers = (*((at, status) for at, status in draw(provisional) if at < final[0]), final)
    cancel = draw(st.none() | st.floats(0.001, 40.0)) if method == "INVITE" else None
    return Plan(method, answers, cancel)


def run(plan: Plan, weather: Weather, transport: Transport = Transport.UDP) -> Pair:
    """A pair that has come to its end."""
    pair = Pair(plan, weather, transport)
    pair.run()
    return pair


class EndTests(SynchronousTestCase):
    """Every transaction ends, and what comes of a request is told once."""

    def ended(self, pair: Pair) -> None:
        """No transaction and no timer is left, in time: the last of 64*T1 comes after the last thing that a user does."""
        for layer in pair.layers.values():
            self.assertEqual((len(layer), layer.deadline), (0, None))
        self.assertLessEqual(pair.now, 60 + 3 * 64 * 0.5 + 2 * 5)

    @SETTINGS
    @given(plans("INVITE"), weathers)
    def test_invite(self, plan: Plan, weather: Weather) -> None:
        """An INVITE has one outcome, copies of a 2xx apart, and comes to the callee once at most."""
        # = rfc3261:17.1.1.2/25 test
        # = rfc3261:17.2.1/14 test
        pair = run(plan, weather)
        outcomes = pair.outcomes()
        self.assertTrue(len(outcomes) == 1 or set(outcomes) == {200}, outcomes)
        self.assertLessEqual(pair.requests().count("INVITE"), 1)
        self.ended(pair)

    @SETTINGS
    @given(plans("OPTIONS"), weathers)
    def test_others(self, plan: Plan, weather: Weather) -> None:
        """Any other request has one outcome, and comes to the callee once at most."""
        # = rfc3261:17.1.2.2/12 test
        # = rfc3261:17.2.2/10 test
        pair = run(plan, weather)
        self.assertEqual(len(pair.outcomes()), 1)
        self.assertLessEqual(pair.requests().count("OPTIONS"), 1)
        self.ended(pair)

    @SETTINGS
    @given(plans("INVITE"), calm)
    def test_reliable_invite(self, plan: Plan, weather: Weather) -> None:
        """Over TCP an INVITE has the outcome that the callee chose, or 487 where the caller was faster."""
        pair = run(plan, weather, Transport.TCP)
        outcomes = set(pair.outcomes())
        self.assertIn(outcomes, ({plan.answers[-1][1]}, {487}))
        self.assertEqual(pair.requests()[0], "INVITE")
        self.assertEqual(pair.failures(), [])
        self.ended(pair)

    @SETTINGS
    @given(plans("OPTIONS", 31.0), calm, st.sampled_from([Transport.TCP, Transport.UDP]))
    def test_calm(self, plan: Plan, weather: Weather, transport: Transport) -> None:
        """Where nothing is lost, a request has the outcome that the callee chose in time."""
        pair = run(plan, weather, transport)
        self.assertEqual(pair.outcomes(), [plan.answers[-1][1]])
        self.assertEqual(pair.requests(), ["OPTIONS"])
        self.assertEqual(pair.failures(), [])
        self.ended(pair)

    def test_nothing_arrives(self) -> None:
        """Where everything is lost, the callee hears nothing and the caller hears of a time-out after 64*T1."""
        for method in ("INVITE", "OPTIONS"):
            pair = run(Plan(method, ((0.0, 200),)), Weather(1, lost=1.0))
            self.assertEqual((pair.outcomes(), pair.requests()), ([408], []))
