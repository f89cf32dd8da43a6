"""What changed, put into what is held (RFC 4575, section 4)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.conference.document import (
    ConferenceDescription,
    ConferenceInfo,
    ConferenceState,
    Endpoint,
    EndpointStatus,
    Execution,
    Host,
    Media,
    MediaStatus,
    Roles,
    SidebarsByVal,
    State,
    Uri,
    Uris,
    User,
    Users,
    read,
    to_octets,
)
from disco_ref.conference.package import HISTORY, Follower, Publication, View
from disco_ref.conference.partial_state import difference, encode, merged, whole
from disco_ref.conference.test.documents import SAMPLE
from disco_ref.notation.markup import MalformedMarkup

NOW = Instant(0.0)
ENTITY = "sip:team@example.org"


def user(name: str, *endpoints: Endpoint, text: str | None = None, roles: tuple[str, ...] = ()) -> User:
    """A participant."""
    return User(
        entity=f"sip:{name}@example.org",
        display_text=text,
        roles=Roles(entry=roles) if roles else None,
        endpoint=endpoints,
    )


def endpoint(name: str, *media: Media, status: EndpointStatus | None = EndpointStatus.connected) -> Endpoint:
    """A device."""
    return Endpoint(entity=f"sip:{name}@192.0.2.1", status=status, media=media)


def conference(*users: User, subject: str | None = None, locked: bool | None = None) -> ConferenceInfo:
    """A state."""
    return ConferenceInfo(
        entity=ENTITY,
        conference_description=ConferenceDescription(subject=subject) if subject else None,
        conference_state=ConferenceState(user_count=len(users), locked=locked),
        users=Users(user=users),
    )


ALICE, BOB = user("alice", endpoint("a", Media(id="1", type="audio"))), user("bob", endpoint("b"))

# --- any states at all ------------------------------------------------------------------------------------------------

texts = st.none() | st.sampled_from(["one", "two"])
uris = st.none() | st.lists(st.sampled_from("uvw"), unique=True, min_size=1, max_size=3).map(
    lambda names: Uris(entry=tuple(Uri(uri=f"sip:{name}@example.org") for name in names))
)


def media(id: str) -> st.SearchStrategy[Media]:
    """A stream."""
    return st.builds(Media, id=st.just(id), type=st.just("audio"), status=st.none() | st.sampled_from(MediaStatus))


def some(names: str, each: object) -> st.SearchStrategy[tuple[object, ...]]:
    """Some elements with different keys, in any order."""
    return st.lists(st.sampled_from(names), unique=True, max_size=3).flatmap(
        lambda keys: st.tuples(*(each(key) for key in keys))  # type: ignore[operator]
    )


def endpoints(key: str) -> st.SearchStrategy[Endpoint]:
    """A device."""
    return st.builds(
        Endpoint,
        entity=st.just(f"sip:{key}@192.0.2.1"),
        display_text=texts,
        status=st.none() | st.sampled_from(list(EndpointStatus)[:3]),
        joining_info=st.none() | st.builds(Execution, reason=texts),
        media=some("12", media),
    )


def users(key: str) -> st.SearchStrategy[User]:
    """A participant."""
    return st.builds(
        User,
        entity=st.just(f"sip:{key}@example.org"),
        display_text=texts,
        associated_aors=uris,
        endpoint=some("xyz", endpoints),
    )


def states(deep: bool = True) -> st.SearchStrategy[ConferenceInfo]:
    """A whole state of the conference."""
    sidebars = st.none() | st.builds(SidebarsByVal, entry=st.tuples(states(False))) if deep else st.none()
    return st.builds(
        ConferenceInfo,
        entity=st.just(ENTITY),
        conference_description=st.none() | st.builds(ConferenceDescription, subject=texts, service_uris=uris),
        host_info=st.none() | st.builds(Host, display_text=texts),
        conference_state=st.none() | st.builds(ConferenceState, active=st.none() | st.booleans()),
        users=st.none() | st.builds(Users, user=some("abcd", users)),
        sidebars_by_ref=uris,
        sidebars_by_val=sidebars,
    )


def small(octets: bytes) -> bool:
    """Whether a document is partial."""
    return read(octets).state is State.partial


class DifferenceTest(SynchronousTestCase):
    """Single changes."""

    def told(self, held: ConferenceInfo, new: ConferenceInfo) -> ConferenceInfo:
        """The document that tells a change, read again; it has the effect."""
        found = read(encode(difference(held, new)).with_version(2))
        self.assertEqual(merged(held, found), new)
        return found

    def test_joining(self) -> None:
        """Who joins is told in full, and nobody else is mentioned."""
        # = rfc4575:4.6/103 test
        found = self.told(conference(ALICE), conference(ALICE, BOB))
        assert found.users is not None
        self.assertEqual((found.state, found.users.state, found.users.user), (State.partial, State.partial, (BOB,)))

    def test_leaving(self) -> None:
        """Who leaves is told by key and deleted."""
        found = self.told(conference(ALICE, BOB), conference(BOB))
        assert found.users is not None
        self.assertEqual(found.users.user, (User(entity=ALICE.entity, state=State.deleted),))

    def test_stream_changes(self) -> None:
        """A stream that changes is told inside of partial elements with their keys."""
        # = rfc4575:5.5/101 test
        held = user("bob", endpoint("b", Media(id="1", type="audio"), Media(id="2", type="video")))
        video = Media(id="2", type="video", status=MediaStatus.inactive)
        new = user("bob", endpoint("b", Media(id="1", type="audio"), video))
        found = self.told(conference(ALICE, held), conference(ALICE, new))
        assert found.users is not None
        (one,) = found.users.user
        (device,) = one.endpoint
        self.assertEqual((one.state, device.state, device.media), (State.partial, State.partial, (video,)))
        self.assertEqual((one.entity, device.entity), (held.entity, held.endpoint[0].entity))

    def test_removed_text(self) -> None:
        """What cannot be taken away by itself is told by the element around it in full."""
        held, new = user("bob", endpoint("b"), text="Bob"), user("bob", endpoint("b"))
        found = self.told(conference(ALICE, held), conference(ALICE, new))
        assert found.users is not None
        self.assertEqual((found.state, found.users.user), (State.partial, (new,)))

    def test_removed_subject(self) -> None:
        """Where the outermost element would have to lose something, the document is full."""
        found = self.told(conference(ALICE, subject="x"), conference(ALICE))
        self.assertEqual(found.state, State.full)

    def test_nothing(self) -> None:
        """Where nothing has changed, the document is partial and says nothing."""
        self.assertEqual(
            difference(conference(ALICE), conference(ALICE)), ConferenceInfo(entity=ENTITY, state=State.partial)
        )

    def test_users_without_key(self) -> None:
        """Users that have no key are told all together."""
        found = self.told(conference(User(display_text="?")), conference(User(display_text="!")))
        assert found.users is not None
        self.assertEqual(found.users.state, State.full)

    def test_partial_list_of_uris(self) -> None:
        """A partial list of URIs is merged by URI, inside of an element that is replaced."""
        found = whole(read(SAMPLE))
        uris = Uris(entry=(Uri(uri="sip:new@example.com"),), state=State.partial)
        changed = ConferenceInfo(
            entity=found.entity, state=State.partial, conference_description=ConferenceDescription(conf_uris=uris)
        )
        new = merged(found, changed)
        assert new is not None and new.conference_description is not None
        assert new.conference_description.conf_uris is not None
        self.assertEqual(
            [one.uri for one in new.conference_description.conf_uris.entry],
            ["sip:team@example.com", "sip:new@example.com"],
        )
        self.assertEqual(new.conference_description.subject, None)

    def test_deleted(self) -> None:
        """A document that says deleted leaves nothing; a deleted user in a full one is not there."""
        self.assertIsNone(merged(conference(ALICE), ConferenceInfo(entity=ENTITY, state=State.deleted)))
        users = whole(read(SAMPLE)).users
        assert users is not None
        self.assertEqual([one.entity for one in users.user], ["sip:alice@example.com"])

    @settings(deadline=None, derandomize=True, max_examples=80)
    @given(states(), states())
    def test_any(self, held: ConferenceInfo, new: ConferenceInfo) -> None:
        """What is told of any change has its effect, over the wire."""
        self.told(held, new)

    def test_version_is_spliced(self) -> None:
        """The octets with a version are those of the document with that version, whatever other attributes say."""
        document = replace(whole(read(SAMPLE)), entity='sip:a@example.org?x=" version="0"'.replace('"', "%22"))
        self.assertEqual(encode(document).with_version(4711), to_octets(replace(document, version=4711)))


class FollowingTest(SynchronousTestCase):
    """A watcher's copy."""

    @settings(deadline=None, derandomize=True, max_examples=40)
    @given(st.lists(states(), min_size=1, max_size=8), st.lists(st.integers(0, 3), min_size=8, max_size=8))
    def test_copy_equals_the_state(self, steps: list[ConferenceInfo], rhythm: list[int]) -> None:
        """Whatever changes, and however many changes come out as one, the copy is the state; versions go up by one."""
        # = rfc4575:3.6/102 test
        # = rfc4575:4.4/101 test
        publication = Publication(steps[0])
        views, followers = [publication.view() for _ in range(3)], [Follower() for _ in range(3)]
        for number, (state, beat) in enumerate(zip(steps, rhythm, strict=False)):
            publication.publish(state)
            for place, (view, follower) in enumerate(zip(views, followers, strict=True)):
                # The views see different states: some are asked at every step, others not.
                if place > beat and number > 0:
                    continue
                body = view.body(number == 0 or beat == 3, NOW)
                if body is not None:
                    version = follower.version
                    followed = follower.receive(body.octets)
                    self.assertFalse(followed.gap)
                    self.assertEqual(follower.version, 1 if version is None else version + 1)
                self.assertEqual(follower.document, publication.document)

    def test_gap(self) -> None:
        """A version that was missed asks for the full state, once; nothing is changed by partial ones until it comes."""
        # = rfc4575:4.6/102 test
        publication, follower = Publication(conference(ALICE)), Follower()
        view = publication.view()
        bodies = []
        for state in (conference(ALICE), conference(ALICE, BOB), conference(BOB), conference(BOB, locked=True)):
            publication.publish(state)
            bodies.append(self.octets(view))
        follower.receive(bodies[0])
        self.assertEqual(follower.receive(bodies[2]), (conference(ALICE), False, True))
        self.assertEqual(follower.receive(bodies[3]), (conference(ALICE), False, False))
        body = view.body(True, NOW)
        assert body is not None
        self.assertEqual(follower.receive(body.octets).document, conference(BOB, locked=True))

    def test_old_versions(self) -> None:
        """A document that is not newer is put aside."""
        # = rfc4575:4.6/101 test
        publication, follower = Publication(conference(ALICE)), Follower()
        view = publication.view()
        first = self.octets(view)
        publication.publish(conference(BOB))
        second = self.octets(view)
        follower.receive(first)
        follower.receive(second)
        for old in (first, second):
            self.assertEqual(follower.receive(old), (conference(BOB), False, False))

    def test_over(self) -> None:
        """A conference that is deleted is gone; nothing is missing, and nothing changes when it is said again."""
        follower = Follower()
        follower.take(replace(conference(ALICE), state=State.full, version=1))
        for version, changed in ((2, True), (3, False)):
            told = follower.take(ConferenceInfo(entity=ENTITY, state=State.deleted, version=version))
            self.assertEqual(told, (None, changed, False))

    def test_partial_before_full(self) -> None:
        """A partial document with nothing to put it into asks for the full state."""
        self.assertTrue(Follower().take(ConferenceInfo(entity=ENTITY, state=State.partial, version=1)).gap)

    def test_new_subscription(self) -> None:
        """A new subscription may begin at any version; the roster stays until its first document."""
        follower = Follower()
        for user in (ALICE, BOB):
            follower.receive(self.octets(Publication(conference(user)).view()))
            self.assertEqual(follower.document, conference(user))
            follower.restart()
            self.assertEqual(follower.document, conference(user))

    def test_malformed(self) -> None:
        """What is no such document is refused and changes nothing."""
        follower = Follower()
        follower.receive(encode(conference(ALICE)).with_version(1))
        with self.assertRaises(MalformedMarkup):
            follower.receive(b"<conference-info/>")
        self.assertEqual((follower.version, follower.document), (1, conference(ALICE)))

    def octets(self, view: View) -> bytes:
        """The next document."""
        body = view.body(False, NOW) if view.version else view.body(True, NOW)
        assert body is not None
        return body.octets


class PublicationTest(SynchronousTestCase):
    """One state for many."""

    def test_encoded_once(self) -> None:
        """A change that two hundred subscriptions are told is written once."""
        publication = Publication(conference(ALICE))
        views = [publication.view() for _ in range(200)]
        for place, view in enumerate(views):
            for _ in range(place % 3):
                view.body(True, NOW)
            view.body(True, NOW)
        self.assertEqual(publication.encodings, 1)
        self.assertTrue(publication.publish(conference(ALICE, BOB)))
        bodies = [view.body(False, NOW) for view in views]
        self.assertEqual(publication.encodings, 2)
        self.assertEqual({read(body.octets).version for body in bodies if body}, {2, 3, 4})
        self.assertTrue(all(body is not None and small(body.octets) for body in bodies))

    def test_nothing_new(self) -> None:
        """A state that is the same is not published, and a view that has told it has nothing to say."""
        publication = Publication(conference(ALICE))
        view = publication.view()
        view.body(True, NOW)
        self.assertFalse(publication.publish(conference(ALICE)))
        self.assertIsNone(view.body(False, NOW))

    def test_history_is_bounded(self) -> None:
        """Who was told too long ago is told in full."""
        publication = Publication(conference(ALICE))
        view = publication.view()
        view.body(True, NOW)
        for number in range(HISTORY + 1):
            publication.publish(conference(ALICE, subject=str(number)))
        body = view.body(False, NOW)
        assert body is not None
        self.assertFalse(small(body.octets))
