"""Korean as people write it: particles and endings, compounds split and joined, spacing errors, mixed scripts."""

import uuid

import pytest

from riverline.adapters.elasticsearch import ElasticIndex
from riverline.model import Document
from riverline.search.query import Query, Sort
from riverline.settings import Settings

NOW = 1_760_000_000_000

# Title of the document, and a query that must find it.
FOUND = [
    # particles
    ("한강에서 자전거를 타는 방법", "한강"),
    ("한강에서 자전거를 타는 방법", "자전거"),
    ("서울은 대한민국의 수도이다", "서울"),
    ("서울은 대한민국의 수도이다", "대한민국"),
    ("서울은 대한민국의 수도이다", "수도"),
    ("도서관까지 걸어서 갔다", "도서관"),
    ("선생님께서 말씀하셨다", "선생님"),
    ("친구와 함께 떠난 여행", "친구"),
    ("부산으로 떠난 여행", "부산 여행"),
    ("김치찌개", "김치찌개를"),
    ("자전거 도로", "자전거로"),
    ("학교 급식", "학교에서 급식이"),
    ("고양이", "고양이들은"),
    ("바다", "바다에는"),
    # endings
    ("끓이는 법을 배우다", "끓이다"),
    ("김치를 볶아서 끓인다", "볶다"),
    ("아름다운 단풍", "아름답다"),
    ("어려웠던 문제", "어려운 문제"),
    ("집을 지었다", "짓다"),
    ("길을 걸었다", "걷는 길"),
    ("노래를 불렀다", "노래 부르다"),
    ("물가가 올랐다", "물가 오른다"),
    ("빵을 만들었습니다", "빵 만들기"),
    ("책을 읽으면서 쉬었다", "책 읽기"),
    # compounds, split and joined
    ("대중교통 요금 인상", "대중교통요금"),
    ("대중교통요금 인상", "대중교통 요금"),
    ("기준금리 동결", "기준 금리"),
    ("기준 금리 동결", "기준금리"),
    ("인공지능 연구", "인공 지능"),
    ("인공 지능 연구", "인공지능"),
    ("데이터베이스 설계", "데이터 베이스"),
    ("데이터 베이스 설계", "데이터베이스"),
    ("한국어 형태소 분석기", "형태소분석기"),
    ("한국어 형태소분석기", "형태소 분석"),
    ("전세 사기 피해", "전세사기"),
    ("전세사기 피해", "전세 사기"),
    ("반도체수출 증가", "반도체 수출"),
    ("초등학교 운동장", "초등 학교"),
    ("국립중앙박물관 전시", "중앙박물관"),
    ("국립중앙박물관 전시", "박물관"),
    ("세계문화유산 등재", "문화유산"),
    ("서울시청 앞 광장", "서울 시청"),
    ("지하철역 근처", "지하철"),
    ("배추가격 폭등", "배추 가격"),
    # spacing errors
    ("김치 찌개 끓이는 법", "김치찌개끓이는법"),
    ("한강 공원 산책", "한강공원산책"),
    ("가을 단풍 여행", "가을단풍여행"),
    ("스마트폰 사용법 교육", "스마트 폰 사용법"),
    ("부동산 중개 수수료", "부동산중개수수료"),
    ("조선 백자 전시회", "조선백자전시회"),
    ("주말에 비가 온다", "주 말에 비"),
    ("천연 기념물 보호", "천연기 념물"),
    ("맞춤법 검사기", "맞춤 법검사기"),
    ("어린이 보호 구역", "어린이보호구역"),
    # numbers and foreign words
    ("2025년 예산안", "2025"),
    ("2025년 예산안", "2025년"),
    ("제주도 3박 4일", "3박 4일"),
    ("Kafka를 처음 시작하기", "kafka"),
    ("Elasticsearch에서 nori 쓰기", "elasticsearch nori"),
    ("AI가 바꾸는 일상", "AI"),
    ("K팝 가수의 공연", "k팝"),
    ("컴퓨터 프로그래밍", "컴퓨터"),
    ("커피숍과 카페", "카페"),
    # Hanja, and letters apart
    ("大韓民國 臨時政府", "대한민국"),
    ("학교 소식", "\u1112\u1161\u11a8\u1100\u116d"),
]

# Title of a document, and a query that must not find it.
ABSENT = [
    ("한강에서 자전거를 타는 방법", "자동차"),
    ("서울 날씨", "부산 날씨 -서울"),
    ("물고기를 키우는 법", "불고기"),
    ("사과 농장", "사고"),
    ("의사가 되는 길", "의자"),
    ("배추 가격", '"가격 배추"'),
]


@pytest.fixture(scope="module")
def sites(stack: Settings):
    """The index, and for each title the site that holds it alone."""
    index = ElasticIndex(stack.elasticsearch)
    index.ensure_schema()
    made = {title: f"{uuid.uuid4().hex[:10]}.example" for title, _ in (*FOUND, *ABSENT)}
    documents = [
        Document(f"https://{site}/", site, title, "", "", "article", crawled_at=NOW, locale="ko-KR")
        for title, site in made.items()
    ]
    index.write(documents, [])
    index.refresh()
    yield index, made
    index.delete([document.url for document in documents], NOW)
    index.close()


def found(sites, title: str, query: str) -> list[str]:
    """Titles found, in an order for which most of the words must be there: by relevance one could be enough."""
    index, made = sites
    return [hit.title for hit in index.search(Query(query, site=made[title], sort=Sort.NEWEST), NOW).hits]


@pytest.mark.parametrize(("title", "query"), FOUND)
def test_a_query_finds_what_says_the_same_otherwise(sites, title, query):
    assert found(sites, title, query) == [title]


@pytest.mark.parametrize(("title", "query"), ABSENT)
def test_a_query_does_not_find_what_only_looks_alike(sites, title, query):
    assert found(sites, title, query) == []
