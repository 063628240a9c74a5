"""Timelines equal the query under any interleaving.

The machine starts operations and jobs, lets them go on by one call to a store at a time, kills them, runs jobs twice
and out of order, expires lists, fails over to a replica that lacks writes, takes the cache away, and at any moment
compares a read with what the ledger says. A read may differ only by what is still under way:

- a post is missing whose fan-out is not done, or that was followed by a change that is not answered yet;
- a post is too many that an unfollowing or a deletion takes away that is not answered yet.

With all jobs done nothing may differ at all.
"""

import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from riverline.errors import NotFound, RiverlineError
from riverline.feed.body import fields
from riverline.feed.contracts import Job
from riverline.feed.influence import Thresholds
from riverline.feed.jobs import JobRunner
from riverline.feed.keys import authored_key, timeline_key
from riverline.feed.reader import FeedReader
from riverline.feed.writer import FeedWriter
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_timelines import MemoryTimelines
from tests.unit.feed.interleaving import Actor, Stepping, pause

SEQUENCES = int(os.environ.get("MODEL_SEQUENCES", "60"))
USERS = 4
MOST = 4  # entries of a list: few, so that floors are met
WRITES = ("post", "follow", "unfollow", "delete_post", "delete_user", "set_influencer", "rename")

user_numbers = st.integers(0, USERS - 1)


class NoIndex:
    """Search is not what is tested here."""

    def publish(self, post: Any) -> None: ...

    def withdraw(self, post_ids: Any) -> None: ...


class Timelines(RuleBasedStateMachine):
    """Users, jobs and failures."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = MemoryFeedRepository(Thresholds(up=3, down=2))
        self.lists = MemoryTimelines(MOST)
        self.repository, self.cache = Stepping(self.truth), Stepping(self.lists)
        self.sent: list[Job] = []
        self.reader = FeedReader(self.repository, self.cache, pause, MOST)
        self.writer = FeedWriter(self.repository, self.cache, self.sent.append)
        self.delivery = JobRunner(self.repository, self.cache, NoIndex(), self.sent.append, chunk=2)
        self.actors: list[Actor] = []
        self.replica = self.lists.copied()
        self.users: list[int] = []
        self.known: dict[int, int] = {}  # whose the posts were that were ever read
        self.names: dict[int, str] = {}  # under which they were read last
        self.disturbed = False  # the cache was away, or a writer was killed: changes may have to wait for their jobs

    @initialize(data=st.data())
    def people(self, data: st.DataObject) -> None:
        self.users = [self.truth.create_user(f"{n}@example.org", f"User {n}").id for n in range(USERS)]
        pairs = [(one, other) for one in self.users for other in self.users if one != other]
        for follower, followed in data.draw(st.lists(st.sampled_from(pairs), unique=True)):
            self.truth.follow(follower, followed)
        self.truth.outbox.clear()
        self.compare_all()

    # Operations

    def start(self, name: str, *arguments: Any) -> None:
        work = getattr(self.writer, name)
        self.actors.append(Actor(name, lambda: work(*arguments), {"arguments": arguments}))

    @rule(who=user_numbers)
    def post(self, who: int) -> None:
        self.start("post", self.users[who], "text", (), "en")

    @rule(who=user_numbers, whom=user_numbers)
    def follow(self, who: int, whom: int) -> None:
        self.start("follow", self.users[who], self.users[whom])

    @rule(who=user_numbers, whom=user_numbers)
    def unfollow(self, who: int, whom: int) -> None:
        self.start("unfollow", self.users[who], self.users[whom])

    @rule(who=user_numbers, influencer=st.booleans())
    def set_influencer(self, who: int, influencer: bool) -> None:
        self.start("set_influencer", self.users[who], influencer)

    @rule(who=user_numbers, name=st.sampled_from("ABC"))
    def rename(self, who: int, name: str) -> None:
        self.start("rename", self.users[who], name)

    @precondition(lambda self: self.truth._posts)
    @rule(data=st.data())
    def delete_post(self, data: st.DataObject) -> None:
        self.start("delete_post", data.draw(st.sampled_from(sorted(self.truth._posts))))

    @precondition(lambda self: len(self.truth._users) > 2)
    @rule(who=user_numbers)
    def delete_user(self, who: int) -> None:
        self.start("delete_user", self.users[who])

    @rule(who=user_numbers, limit=st.integers(1, 3))
    def read(self, who: int, limit: int) -> None:
        user = self.users[who]
        self.actors.append(Actor("read", lambda: self.reader.read(user, limit)))

    # Jobs

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), again=st.booleans())
    def start_job(self, data: st.DataObject, again: bool) -> None:
        place = data.draw(st.integers(0, len(self.sent) - 1))
        job = self.sent[place] if again else self.sent.pop(place)
        self.actors.append(Actor("job", lambda: self.delivery.run(job)))

    @rule()
    def lose_the_queue(self) -> None:
        self.sent.clear()

    @rule()
    def sweep(self) -> None:
        self.sent += self.truth.overdue(100)

    # What happens meanwhile

    @precondition(lambda self: self.actors)
    @rule(data=st.data(), steps=st.integers(1, 6))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        actor = data.draw(st.sampled_from(self.actors))
        for _ in range(steps):
            if not actor.done:
                actor.step()

    @precondition(lambda self: self.actors)
    @rule(data=st.data())
    def go_on_to_the_end(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.actors)).finish()

    @precondition(lambda self: self.actors)
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        actor = data.draw(st.sampled_from(self.actors))
        self.disturbed |= actor.name in WRITES
        actor.kill()

    @rule(who=user_numbers, authored=st.booleans())
    def expire(self, who: int, authored: bool) -> None:
        self.lists.drop([(authored_key if authored else timeline_key)(self.users[who])])

    @precondition(lambda self: self.lists._bodies)
    @rule(data=st.data())
    def evict_a_body(self, data: st.DataObject) -> None:
        self.lists.forget_body(data.draw(st.sampled_from(sorted(self.lists._bodies))))

    @rule()
    def replicate(self) -> None:
        self.replica = self.lists.copied()

    @rule()
    def fail_over(self) -> None:
        self.lists.fail_over(self.replica)
        self.replica = self.lists.copied()

    @rule()
    def lose_the_cache(self) -> None:
        self.cache.away = self.disturbed = True

    @rule()
    def find_the_cache(self) -> None:
        self.cache.away = False

    # What crosses what: the races, sought out

    @rule(data=st.data(), who=user_numbers, steps=st.integers(2, 8), delivered=st.booleans())
    def cross_a_build(self, data: st.DataObject, who: int, steps: int, delivered: bool) -> None:
        user = self.users[who]
        self.forget(user, bodies=data.draw(st.booleans()))
        builder = Actor("read", lambda: self.reader.read(user, 3))
        self.actors.append(builder)
        self.cross(data, builder, steps, user, delivered)

    @precondition(lambda self: self.truth.outbox)
    @rule(data=st.data(), who=user_numbers, steps=st.integers(1, 4), built=st.booleans())
    def cross_a_job(self, data: st.DataObject, who: int, steps: int, built: bool) -> None:
        user = self.users[who]
        job = data.draw(st.sampled_from(list(self.truth.outbox.values())))
        running = Actor("job", lambda: self.delivery.run(job))
        self.actors.append(running)
        about = job.payload.get("user_id", 0)
        self.cross(data, running, steps, user, delivered=False, built=built, other=about)

    @rule(data=st.data(), who=user_numbers, whom=user_numbers, steps=st.integers(1, 4))
    def cross_a_push(self, data: st.DataObject, who: int, whom: int, steps: int) -> None:
        user, other = self.users[who], self.users[whom]
        Actor("post", lambda: self.writer.post(other, "text", (), "en")).finish()
        jobs = [job for job in self.truth.outbox.values() if job.task == "fan_out" and job.payload["user_id"] == other]
        if jobs:
            running = Actor("job", lambda: self.delivery.run(jobs[-1]))
            self.actors.append(running)
            self.cross(data, running, steps, user, delivered=data.draw(st.booleans()), built=True, other=other)

    def cross(
        self,
        data: st.DataObject,
        actor: Actor,
        steps: int,
        user: int,
        delivered: bool,
        built: bool = False,
        other: int = 0,
    ) -> None:
        """While an actor is under way, something about the user changes, and is done before the actor goes on."""
        for _ in range(steps):
            if not actor.done:
                actor.step()
        other = other or self.users[data.draw(user_numbers)]
        for _ in range(data.draw(st.integers(1, 3))):
            self.change(data, user, other)
            if delivered and data.draw(st.booleans()):
                self.deliver_all()
            if built:
                self.compare_all()
        actor.finish()
        if data.draw(st.booleans()):
            Actor("post", lambda: self.writer.post(other, "text", (), "en")).finish()
        self.compare_all()

    def change(self, data: st.DataObject, user: int, other: int) -> None:
        """Something that a user does about another one, or the other one does. It is answered at once."""
        changes: dict[str, tuple[Any, ...]] = {
            "post": (other, "text", (), "en"),
            "follow": (user, other),
            "unfollow": (user, other),
            "set_influencer": (other, data.draw(st.booleans())),
            "rename": (other, data.draw(st.sampled_from("ABC"))),
        }
        if theirs := [post.id for post in self.truth._posts.values() if post.user_id == other]:
            changes["delete_post"] = (data.draw(st.sampled_from(theirs)),)
        name = data.draw(st.sampled_from([*sorted(changes), "evict"]))
        if name == "evict":
            return self.forget(user, bodies=True)
        return Actor(name, lambda: getattr(self.writer, name)(*changes[name])).finish()

    def forget(self, user: int, bodies: bool) -> None:
        """The cache forgets the user's timeline, or all bodies: a read has to fetch them."""
        if not bodies:
            return self.lists.drop([timeline_key(user)])
        for post_id in list(self.lists._bodies):
            self.lists.forget_body(post_id)
        return None

    @rule(data=st.data(), who=user_numbers, whom=user_numbers, count=st.integers(1, 4))
    def change_at_once(self, data: st.DataObject, who: int, whom: int, count: int) -> None:
        for _ in range(count):
            self.change(data, self.users[who], self.users[whom])
            self.compare_all()

    def deliver_all(self) -> None:
        """All open jobs, until they are done or the cache is away."""
        for _ in range(USERS):
            for job in self.truth.overdue(100):
                Actor("job", lambda job=job: self.delivery.run(job)).finish()

    # What must hold

    @invariant()
    def forget_what_is_over(self) -> None:
        self.actors = [actor for actor in self.actors if not actor.done]

    @rule(who=user_numbers, limit=st.integers(1, 3))
    def compare(self, who: int, limit: int) -> None:
        user = self.users[who]
        self.assert_alike(user, self.all_pages(user, limit), self.expected(user))

    def compare_all(self) -> None:
        for user in self.users:
            self.assert_alike(user, self.all_pages(user, 3), self.expected(user))

    def assert_alike(self, user: int, read: list[int] | None, wanted: list[int] | None) -> None:
        if read is None or wanted is None:
            undone = self.disturbed and self.is_open("forget", user_id=user)
            assert read == wanted or self.under_way("delete_user", user) or undone
            return
        assert read == sorted(set(read), reverse=True), "in order, none twice"
        for post_id in set(wanted) - set(read):
            assert self.may_be_missing(user, post_id), f"post {post_id} is missing for user {user}"
        for post_id in set(read) - set(wanted):
            assert self.may_be_there(user, post_id), f"post {post_id} is too many for user {user}"

    @rule()
    def settle(self) -> None:
        """All that is under way ends, all jobs are done: now nothing may differ."""
        self.cache.away = False
        for actor in self.actors:
            actor.finish()
        self.actors.clear()
        while self.truth.outbox:
            self.deliver_all()
        self.sent.clear()
        self.names.clear()
        self.disturbed = False
        for user in self.users:
            assert self.all_pages(user, 3) == self.expected(user), f"user {user}"
        names = {post.id: post.user_name for post in self.truth._posts.values()}
        assert self.names.items() <= names.items(), "the names of now"

    def teardown(self) -> None:
        if self.users:
            self.settle()

    def all_pages(self, user: int, limit: int) -> list[int] | None:
        """All ids that a reader gets who pages to the end, while everything else stands still."""
        found: list[int] = []
        before = 0
        while True:
            actor = Actor("reader", lambda before=before: self.reader.read(user, limit, before))
            page = actor.finish()
            if isinstance(actor.error, NotFound):
                return None
            assert actor.error is None, actor.error
            bodies = {entry.id: fields(entry.body) for entry in page.entries}
            self.known |= {post_id: body["user_id"] for post_id, body in bodies.items()}
            self.names |= {post_id: body["user_name"] for post_id, body in bodies.items()}
            found += [entry.id for entry in page.entries]
            if page.next is None:
                return found
            before = page.next

    def expected(self, user: int) -> list[int] | None:
        try:
            return [post.id for post in self.truth.page(user, 0, 10_000)]
        except RiverlineError:
            return None

    def under_way(self, name: str, *arguments: Any) -> bool:
        """If such an operation has begun and is not answered yet."""
        return any(a.name == name and a.facts["arguments"][: len(arguments)] == arguments for a in self.actors)

    def is_open(self, task: str, **payload: Any) -> bool:
        """If such a job is still to be done."""
        jobs = [job for job in self.truth.outbox.values() if job.task == task]
        return any(all(job.payload.get(name) == value for name, value in payload.items()) for job in jobs)

    def may_be_missing(self, user: int, post_id: int) -> bool:
        author = self.truth._posts[post_id].user_id
        if self.under_way("post", author) or self.under_way("follow", user, author) or self.is_stale(user):
            return True
        at_once = author == user or self.truth._users[author].announced
        return self.is_open("fan_out", post_id=post_id) and (self.disturbed or not at_once)

    def may_be_there(self, user: int, post_id: int) -> bool:
        author = self.known[post_id]
        gone = self.under_way("delete_post", post_id) or self.under_way("delete_user", author)
        return gone or self.under_way("unfollow", user, author) or self.is_stale(user) or self.is_undead(post_id)

    def is_stale(self, user: int) -> bool:
        """If whom the user follows changed, and the cache could not hear of it yet."""
        return self.disturbed and self.is_open("refresh", user_id=user)

    def is_undead(self, post_id: int) -> bool:
        """If the post was deleted, and the cache could not hear of it yet."""
        jobs = [job for job in self.truth.outbox.values() if job.task == "retract"]
        return self.disturbed and any(post_id in job.payload["post_ids"] for job in jobs)


Timelines.TestCase.settings = settings(max_examples=SEQUENCES, stateful_step_count=60, deadline=None, print_blob=True)
test_timelines_equal_the_query_under_any_interleaving = Timelines.TestCase


@settings(max_examples=SEQUENCES * 6, deadline=None, print_blob=True)
@given(data=st.data(), kind=st.sampled_from(("build", "fetch", "job")), steps=st.integers(2, 8), starred=st.booleans())
def test_timelines_equal_the_query_whatever_crosses_a_build_or_a_job(
    data: st.DataObject, kind: str, steps: int, starred: bool
) -> None:
    machine = Timelines()
    machine.people(data)
    user, other = machine.users[:2]
    for one in machine.users:
        machine.writer.post(one, "text", (), "en")
    machine.writer.follow(user, other)
    if starred:
        machine.writer.set_influencer(other, True)
    machine.deliver_all()
    machine.compare_all()
    if kind == "job":
        machine.change(data, user, other)
        jobs = list(machine.truth.outbox.values()) or [Job(0, "forget", {"user_id": user})]
        job = data.draw(st.sampled_from(jobs))
        actor = Actor("job", lambda: machine.delivery.run(job))
    else:
        machine.forget(user, bodies=kind == "fetch")
        actor = Actor("read", lambda: machine.reader.read(user, 3))
    machine.actors.append(actor)
    machine.cross(data, actor, steps, user, data.draw(st.booleans()), data.draw(st.booleans()), other)
    machine.settle()
