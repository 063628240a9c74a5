"""Users, followings, posts and timelines through the API, on in-memory stores."""

import pytest
from flask import g

from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.feed.contracts import Job
from riverline.feed.feed import Feed
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_audit_log import MemoryAuditLog
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_timelines import MemoryTimelines
from riverline.testing.memory_tokens import MemoryTokens
from riverline_api.app import create_app

NOW = 1_760_000_000_000


class Village:
    """A client, and the jobs that were sent: `deliver` does them."""

    def __init__(self):
        self.index, self.jobs = MemoryIndex(), []
        self.feed = Feed(MemoryFeedRepository(now_ms=lambda: NOW), MemoryTimelines(), sleep=lambda _: None)
        services = Services(
            Settings(),
            self.index,
            MemoryLog(),
            lambda: NOW,
            lambda: self.feed,
            make_tokens=MemoryTokens,
            make_key_value=MemoryKeyValue,
            make_audit_log=MemoryAuditLog,
        )
        self.acting = None
        self.app = create_app(services, self._sent, {})
        self.app.before_request(lambda: setattr(g, "acting_user", self.acting))
        self.client = self.app.test_client()

    def user(self, name="Mina"):
        answer = self.client.post(
            "/api/v1/users", json={"email": f"{len(self.index.searches)}{name}@x.org", "name": name}
        )
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    def follow(self, one, other):
        assert self.client.put(f"/api/v1/users/{one}/followings/{other}").status_code == 204

    def post(self, user, contents="Hello", **more):
        answer = self.client.post("/api/v1/posts", json={"user_id": user, "contents": contents, **more})
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    def timeline(self, user, **more):
        return self.client.get("/api/v1/posts", query_string={"user_id": user, **more}).json

    def ids(self, user, **more):
        return [item["id"] for item in self.timeline(user, **more)["items"]]

    def deliver(self):
        delivery = self.feed.delivery(PostDocuments(self.index, "site.example:80"), self._again)
        while self.jobs:
            delivery.run(Job(*self.jobs.pop(0)))

    def _sent(self, name, *arguments):
        if name == "tasks.deliver":
            self.jobs.append(arguments)

    def _again(self, job):
        self.jobs.append((job.id, job.task, job.payload))


@pytest.fixture
def village():
    return Village()


def test_a_user_is_created_and_found(village):
    answer = village.client.post("/api/v1/users", json={"email": "mina@example.org", "name": " 미나 "})
    assert answer.status_code == 201
    found = village.client.get(answer.headers["Location"]).json
    assert found == {
        "id": answer.json["id"],
        "name": "미나",
        "influencer": False,
        "created_at": "2025-10-09T08:53:20.000Z",
        **dict.fromkeys(("followers", "followings", "posts"), 0),
    }


def test_an_address_is_for_its_owner_alone(village):
    made = village.client.post("/api/v1/users", json={"email": "mina@example.org", "name": "Mina"}).json
    assert made["email"] == "mina@example.org"
    assert "email" not in village.client.get(f"/api/v1/users/{made['id']}").json


def test_an_address_twice_is_a_conflict(village):
    village.user("Mina")
    answer = village.client.post("/api/v1/users", json={"email": "0MINA@x.org", "name": "Other"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"email": "nowhere", "name": "A"}, "email"),
        ({"email": "a@x.org", "name": "  "}, "name"),
        ({"email": "a@x.org", "name": "A", "admin": True}, "admin"),
        ({"name": "A"}, "email"),
    ],
)
def test_a_user_that_cannot_be_is_refused(village, body, parameter):
    answer = village.client.post("/api/v1/users", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == parameter


def test_a_post_is_in_the_authors_timeline_at_once_and_then_in_the_followers(village):
    author, fan = village.user("A"), village.user("B")
    village.follow(fan, author)
    assert village.ids(author) == village.ids(fan) == []
    post = village.post(author, "안녕", tags=["첫"], locale="ko-KR")
    assert village.ids(author) == [post]
    village.deliver()
    (item,) = village.timeline(fan)["items"]
    assert item == {
        "id": post,
        "user_id": author,
        "user_name": "A",
        "contents": "안녕",
        "tags": ["첫"],
        "locale": "ko-KR",
        "created_at": "2025-10-09T08:53:20.000Z",
    }


def test_a_following_counts_at_once_and_twice_is_once(village):
    author, fan = village.user("A"), village.user("B")
    post = village.post(author)
    assert village.ids(fan) == []
    for _ in range(2):
        village.follow(fan, author)
        assert village.ids(fan) == [post]
    for _ in range(2):
        assert village.client.delete(f"/api/v1/users/{fan}/followings/{author}").status_code == 204
        assert village.ids(fan) == []


def test_nobody_follows_oneself_or_nobody(village):
    user = village.user()
    assert village.client.put(f"/api/v1/users/{user}/followings/{user}").status_code == 422
    assert village.client.put(f"/api/v1/users/{user}/followings/99999").status_code == 404


def test_a_timeline_is_paged_without_gaps_and_repeats(village):
    user = village.user()
    written = [village.post(user, f"Post {number}") for number in range(7)]
    first = village.timeline(user, limit=3)
    second = village.timeline(user, limit=3, cursor=first["next_cursor"])
    third = village.timeline(user, limit=3, cursor=second["next_cursor"])
    shown = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert shown == written[::-1]
    assert third["next_cursor"] is None


def test_a_cursor_of_another_list_is_refused(village):
    one, other = village.user("A"), village.user("B")
    for _ in range(2):
        village.post(one)
    cursor = village.timeline(one, limit=1)["next_cursor"]
    answer = village.client.get(f"/api/v1/posts?user_id={other}&cursor={cursor}")
    assert answer.status_code == 422


@pytest.mark.parametrize("query", ["", "user_id=0", "user_id=1&limit=0", "user_id=1&limit=101", "user_id=1&page=2"])
def test_a_timeline_that_cannot_be_asked_for_is_refused(village, query):
    assert village.client.get(f"/api/v1/posts?{query}").status_code == 422


def test_who_is_not_there_has_no_timeline_no_posts_and_no_followers(village):
    for path in ("posts?user_id=999", "users/999", "users/999/posts", "users/999/followers", "users/999/followings"):
        assert village.client.get(f"/api/v1/{path}").status_code == 404, path


def test_a_post_is_read_with_an_etag(village):
    post = village.post(village.user())
    answer = village.client.get(f"/api/v1/posts/{post}")
    again = village.client.get(f"/api/v1/posts/{post}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (answer.status_code, again.status_code) == (200, 304)


def test_a_deleted_post_is_nowhere_and_no_longer_found(village):
    author, fan = village.user("A"), village.user("B")
    village.follow(fan, author)
    gone, kept = village.post(author, "wrong"), village.post(author, "right")
    village.deliver()
    village.index.refresh()
    assert village.client.get("/api/v1/search?q=wrong").json["total"] == 1
    assert village.ids(fan) == [kept, gone]
    assert village.client.delete(f"/api/v1/posts/{gone}").status_code == 204
    assert village.ids(fan) == village.ids(author) == [kept]
    assert village.client.get(f"/api/v1/posts/{gone}").status_code == 404
    village.deliver()
    village.index.refresh()
    assert village.client.get("/api/v1/search?q=wrong&limit=9").json["total"] == 0


def test_an_influencers_posts_are_read_at_once(village):
    star, fan = village.user("A"), village.user("B")
    village.follow(fan, star)
    assert village.client.patch(f"/api/v1/users/{star}", json={"influencer": True}).json["influencer"] is True
    village.deliver()
    assert village.ids(fan) == []
    post = village.post(star)
    assert village.ids(fan) == [post]


def test_a_new_name_is_read_and_found_with_old_posts(village):
    author, fan = village.user("Mina"), village.user("B")
    village.follow(fan, author)
    post = village.post(author, "harbor")
    village.deliver()
    village.ids(fan)
    answer = village.client.patch(f"/api/v1/users/{author}", json={"name": " 미나 "})
    assert (answer.status_code, answer.json["name"], answer.json["influencer"]) == (200, "미나", False)
    village.deliver()
    village.index.refresh()
    assert [item["user_name"] for item in village.timeline(fan)["items"]] == ["미나"]
    assert village.client.get(f"/api/v1/posts/{post}").json["user_name"] == "미나"
    assert village.client.get("/api/v1/search?q=harbor").json["items"][0]["author"] == "미나"


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"name": "\u200b"}, {"name": "n" * 101}, {"email": "a@b.example"}]
)
def test_a_change_that_is_none_is_refused(village, body):
    one = village.user("Mina")
    answer = village.client.patch(f"/api/v1/users/{one}", json=body)
    assert answer.status_code == 422
    assert village.client.get(f"/api/v1/users/{one}").json["name"] == "Mina"


def test_a_deleted_user_is_gone_with_all_posts(village):
    author, fan = village.user("A"), village.user("B")
    village.follow(fan, author)
    village.post(author)
    village.deliver()
    assert village.client.delete(f"/api/v1/users/{author}").status_code == 204
    assert village.ids(fan) == []
    assert village.client.get(f"/api/v1/users/{author}").status_code == 404


def test_followers_and_followings_are_listed_newest_first(village):
    one, *others = (village.user(name) for name in "ABC")
    for other in others:
        village.follow(other, one)
    first = village.client.get(f"/api/v1/users/{one}/followers?limit=1").json
    rest = village.client.get(f"/api/v1/users/{one}/followers?limit=1&cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["items"] + rest["items"]] == others[::-1]
    assert rest["next_cursor"] is None
    assert [item["id"] for item in village.client.get(f"/api/v1/users/{others[0]}/followings").json["items"]] == [one]


@pytest.mark.parametrize(
    ("more", "parameter"),
    [
        ({"contents": " \n"}, "contents"),
        ({"contents": "\u200b"}, "contents"),
        ({"contents": "\u3164 \u2800\ufeff"}, "contents"),
        ({"tags": ["\u3164"]}, "tags.0"),
        ({"contents": "x" * 10_001}, "contents"),
        ({"tags": ["t"] * 21}, "tags"),
        ({"tags": [""]}, "tags.0"),
        ({"locale": "Korean!"}, "locale"),
        ({"created_at": 1}, "created_at"),
    ],
)
def test_a_post_that_cannot_be_is_refused(village, more, parameter):
    answer = village.client.post("/api/v1/posts", json={"user_id": village.user(), "contents": "x", **more})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("unseen", ["\u200b", "\u3164", "\u2800", "\ufeff", "\u3164\u200b"])
def test_nobody_joins_under_a_name_or_an_address_that_shows_nothing(village, unseen):
    for fields, parameter in (
        ({"email": "b1@b.example", "name": unseen}, "name"),
        ({"email": f"{unseen}@b.example", "name": "B"}, "email"),
    ):
        answer = village.client.post("/api/v1/users", json=fields)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, parameter)


def test_an_address_is_one_however_its_letters_are_composed(village):
    first = village.client.post("/api/v1/users", json={"email": "jose\u0301@b.example", "name": "Jose\u0301"})
    again = village.client.post("/api/v1/users", json={"email": "jos\u00e9@b.example", "name": "B"})
    other = village.client.post("/api/v1/users", json={"email": "jose@b.example", "name": "B"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 409, 201)
    assert first.json["name"] == "Jos\u00e9"


def test_a_user_acts_as_itself_only(village):
    one, other = village.user("A"), village.user("B")
    village.acting = other
    requests = [
        ("GET", f"posts?user_id={one}", None),
        ("POST", "posts", {"user_id": one, "contents": "x"}),
        ("PATCH", f"users/{one}", {"influencer": True}),
        ("PATCH", f"users/{one}", {"name": "C"}),
        ("DELETE", f"users/{one}", None),
        ("PUT", f"users/{one}/followings/{other}", None),
        ("DELETE", f"users/{one}/followings/{other}", None),
    ]
    for method, path, body in requests:
        assert village.client.open(f"/api/v1/{path}", method=method, json=body).status_code == 403, (method, path)


def test_a_profile_counts_followers_followings_and_posts(village):
    one, two = village.user("kim"), village.user("lee")
    village.follow(two, one)
    village.post(one, "안녕")
    found = village.client.get(f"/api/v1/users/{one}").json
    assert (found["followers"], found["followings"], found["posts"]) == (1, 0, 1)
