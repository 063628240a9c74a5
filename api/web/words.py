"""The words of the pages, in Korean and English. A page speaks the language that the reader's browser asks for."""

from __future__ import annotations

from flask import request

LANGUAGES = ("en", "ko")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "name": "Riverline",
        "lead": "News, articles and posts, searchable seconds after they appear.",
        "search": "Search",
        "placeholder": 'Words, "phrases", -without, site:host, tag:word',
        "results": "{n} results",
        "one": "1 result",
        "took": "{ms} ms",
        "newest_first": "Newest",
        "relevance": "Best match",
        "newest": "Newest",
        "clicks": "Most read",
        "sort": "Order",
        "next": "More results",
        "first": "Back to the first page",
        "none": "Nothing found for “{q}”.",
        "hints": "Try fewer or other words|Leave out filters|A phrase in quotes must stand word for word",
        "loose": "Few pages hold all of these words; pages with some of them are shown too.",
        "site": "Site",
        "content_type": "Kind",
        "locale": "Language",
        "tag": "Tag",
        "filters": "Filters",
        "remove": "Remove filter",
        "group": "{n} similar pages",
        "problem": "The search does not answer at the moment. Please try again.",
        "api": "API documentation",
        "empty": "There are no pages yet. They appear here as soon as they are crawled.",
        "article": "article",
        "video": "video",
        "post": "post",
        "feed": "feed",
        "pdf": "PDF",
        "text": "text",
        "skip": "Skip to the results",
    },
    "ko": {
        "name": "Riverline",
        "lead": "새 글과 기사를 올라온 지 몇 초 만에 찾아 드립니다.",
        "search": "검색",
        "placeholder": '검색어, "문구", -제외, site:주소, tag:태그',
        "results": "검색 결과 {n}건",
        "one": "검색 결과 1건",
        "took": "{ms} ms",
        "newest_first": "최신순",
        "relevance": "정확도순",
        "newest": "최신순",
        "clicks": "많이 본 순",
        "sort": "정렬",
        "next": "결과 더 보기",
        "first": "첫 페이지로",
        "none": "“{q}”에 대한 검색 결과가 없습니다.",
        "hints": "검색어를 줄이거나 바꿔 보세요|필터를 해제해 보세요|따옴표 안의 문구는 그대로 있어야 찾습니다",
        "loose": "모든 단어가 들어 있는 문서가 적어, 일부 단어만 들어 있는 문서도 함께 보여 드립니다.",
        "site": "사이트",
        "content_type": "종류",
        "locale": "언어",
        "tag": "태그",
        "filters": "필터",
        "remove": "필터 해제",
        "group": "비슷한 문서 {n}건",
        "problem": "지금은 검색할 수 없습니다. 잠시 후 다시 시도해 주세요.",
        "api": "API 문서",
        "empty": "아직 문서가 없습니다. 수집되는 대로 여기에 나타납니다.",
        "article": "기사",
        "video": "동영상",
        "post": "게시글",
        "feed": "피드",
        "pdf": "PDF",
        "text": "텍스트",
        "skip": "검색 결과로 건너뛰기",
    },
}


def language() -> str:
    """The language of this request's page: en unless the reader prefers Korean."""
    return request.accept_languages.best_match(LANGUAGES, "en") or "en"


def says(language: str, name: str, **values: object) -> str:
    """A text of the pages; a name that has none speaks for itself."""
    return WORDS[language].get(name, name).format(**values)
