"""People of a demo: names, what they write in Korean and English, whom they follow by interest, what they search for.

All of it goes the way that a user's own acts go, so that posts are pushed and searchable within seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from riverline.errors import Conflict, Invalid
from riverline.model import Search
from riverline.random_ids import random_id
from riverline.search.popular import person, suggestible
from riverline.search.query import Query
from riverline.services import Services

DAY_MS = 86_400_000
DAYS = 14  # over which searches are spread
SEARCHES = 240
FOUND_NOTHING = ("qwixotry", "없는말없는말")  # searches in vain belong to any day
CLICKED = 0.6  # of the searches that found something

NAMES = (
    *(
        "김미나",
        "이준호",
        "박서연",
        "최민재",
        "정하은",
        "강도윤",
        "조수빈",
        "윤지우",
        "장예린",
        "임시우",
        "한소라",
        "오태양",
    ),
    *("Emma Clarke", "Liam Walsh", "Sofia Rossi", "Noah Berg", "Ava Patel", "Lucas Meyer", "Grace Kim", "Owen Hughes"),
)


@dataclass(frozen=True, slots=True)
class Interest:
    """What some people write about and look for."""

    tag: str
    korean: Sequence[str]
    english: Sequence[str]
    searches: Sequence[str]


INTERESTS = (
    Interest(
        "한강",
        (
            "오늘 아침 한강 자전거길은 안개가 자욱했어요. 여의도에서 뚝섬까지 한 시간.",
            "반포대교 무지개분수가 다시 켜졌네요. 강바람이 꽤 차갑습니다. #산책",
            "한강공원 공사 구간이 바뀌었어요. 잠실 쪽은 우회하세요.",
        ),
        (
            "Fog over the Han this morning; the path from Yeouido to Ttukseom took an hour. #cycling",
            "The river path near Jamsil is closed for works, take the upper road.",
            "Best evening light is from the Banpo side of the bridge. #walks",
        ),
        ("한강 자전거", "한강", "river walk"),
    ),
    Interest(
        "요리",
        (
            "김치찌개는 역시 묵은지. 돼지고기를 먼저 볶고 쌀뜨물을 부으면 국물이 깊어집니다.",
            "주말 시장에서 봄동을 한 아름 샀어요. 겉절이 레시피 추천해 주세요! #집밥",
            "된장은 불을 끄기 직전에 한 숟갈 더. 이게 할머니의 비법이었네요.",
        ),
        (
            "Old kimchi, pork belly, rice water: the stew needs nothing else. #cooking",
            "Bought far too many greens at the market. Send recipes.",
            "A spoon of soybean paste after the heat is off changes everything.",
        ),
        ("김치찌개", "김치찌개 레시피", "kimchi stew"),
    ),
    Interest(
        "경제",
        (
            "기준금리가 또 동결됐네요. 대출 갈아타기를 고민하던 분들은 조금 더 기다려도 되겠어요.",
            "시장 물가를 매주 적어 보는데 채소값이 확실히 내려왔습니다. #물가",
            "작은 가게 하는 친구 말로는 카드 매출이 지난달보다 늘었대요.",
        ),
        (
            "Rates on hold again. Savers shrug, borrowers breathe. #economy",
            "I log grocery prices every week: vegetables are finally coming down.",
            "A friend with a corner shop says card sales are up on last month.",
        ),
        ("기준금리", "interest rate", "물가"),
    ),
    Interest(
        "여행",
        (
            "한옥 숙소의 온돌이 이렇게 따뜻할 줄이야. 아침 마당 소리가 좋았습니다.",
            "기차로 항구까지 두 시간 반, 창밖이 전부 바다였어요. #기차여행",
            "비 오는 골목의 책방에서 반나절. 여행은 이런 날이 오래 남네요.",
        ),
        (
            "Slept on a heated floor in an old hanok; woke up to rain in the courtyard. #travel",
            "Two and a half hours by train and the sea fills the window.",
            "Half a day in a bookshop while it rained. The harbour can wait.",
        ),
        ("한옥", "harbour", "여행"),
    ),
)


@dataclass(frozen=True, slots=True)
class Enlivened:
    """What was made."""

    people: int
    followings: int
    posts: int
    searches: int
    clicks: int


def enliven(services: Services, chance: random.Random, say: Callable[[str], None] = lambda _: None) -> Enlivened:
    """Adds the people and what they do. What follows from it waits in the outbox, which is swept within seconds.
    Raises Invalid where they are there already, and Transient."""
    writer = services.feed.writer(lambda _: None)
    try:
        users = [writer.create_user(f"person{n}@people.demo.example", name) for n, name in enumerate(NAMES)]
    except Conflict:
        raise Invalid("the demo's people already exist") from None
    interests = {user.id: chance.sample(INTERESTS, 2) for user in users}
    say(f"{len(users)} people")
    followings = 0
    for user in users:
        alike = [other for other in users if other is not user and set(interests[user.id]) & set(interests[other.id])]
        for other in chance.sample(alike, min(len(alike), chance.randint(3, 9))):
            followings += writer.follow(user.id, other.id)
    said = [
        (user.id, interest, language)
        for user in users
        for interest in interests[user.id]
        for language in chance.choices(("ko", "en"), (3, 1) if user.name[0] > "z" else (1, 3), k=chance.randint(1, 3))
    ]
    chance.shuffle(said)
    for user_id, interest, language in said:
        text = chance.choice(interest.korean if language == "ko" else interest.english)
        writer.post(user_id, text, [interest.tag], "ko-KR" if language == "ko" else "en-US")
    say(f"{followings} followings, {len(said)} posts")
    searches, clicks = _searched(services, chance, len(users))
    return Enlivened(len(users), followings, len(said), searches, clicks)


def _searched(services: Services, chance: random.Random, people: int) -> tuple[int, int]:
    """Searches of the last days by so many people, with what they find now, and clicks on it."""
    salt = chance.randbytes(16)
    now = services.now_ms()
    words = [word for interest in INTERESTS for word in interest.searches]
    found = {word: services.index.search(Query(word), now).hits for word in (*words, *FOUND_NOTHING)}
    clicks, searches = 0, []
    for _ in range(SEARCHES):
        word = chance.choice(FOUND_NOTHING) if chance.random() < 0.05 else chance.choice(words)
        request_id, hits = random_id(), found[word]
        at = now - chance.randrange(DAYS * DAY_MS)
        meant, took_ms = suggestible(word), chance.randint(3, 60)
        who = person(salt, str(chance.randrange(people)), meant)
        searches.append(Search(word, "", at, len(hits), took_ms, request_id, meant, who))
        if hits and chance.random() < CLICKED:
            place = min(int(chance.expovariate(0.7)), len(hits) - 1)
            clicks += services.clicks.add(request_id, hits[place].url, place + 1)
    services.index.record_search(*searches)
    return len(searches), clicks
