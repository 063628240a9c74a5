"""Pages of one host that share its template: each is a result of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riverline.parsing.near_duplicates import signature
from riverline.pipeline.document_groups import DocumentGroups
from tests.contract.index.subject import Subject

COUNT = 60
SHOP = (
    "Delivery within three days, returns for a month. Prices hold while stocks last and include all taxes. "
    "Pay by card or on account, and collect in each of our branches from nine to six. Every pack is made of "
    "cloth that was grown without spraying, dyed with colours of plants and sewn in workshops that we visit. "
    "Wash it by hand in cold water, and dry it in the shade. Whoever buys two pays for the dearer one. Ask "
    "our advisers for sizes, repairs and straps that fit, or write to the address below."
)
AGENCY = (
    "근무 시간은 오전 아홉 시부터 오후 여섯 시까지이며 주말에는 쉽니다. 급여는 경력에 따라 정하고 사대 보험과 퇴직금을 "
    "드립니다. 점심을 제공하고 교통비를 지원하며, 해마다 건강 검진을 받을 수 있습니다. 지원서는 누리집에서 내려받아 "
    "담당자의 전자 우편으로 보내 주시기 바랍니다. 서류 심사를 거쳐 합격하신 분께 면접 날짜를 따로 알려 드립니다. "
    "제출하신 서류는 돌려드리지 않으며 사실과 다르면 채용이 취소될 수 있습니다."
)
OFFICE = (
    "Measured at the gauge below the bridge, at noon, by the method of the water authority. The flow is the mean "
    "of three readings, the temperature that of half a metre below the surface. No limit was passed. Boats of "
    "all classes may pass the lock by day, those of more than twelve metres after a call. Bathing is allowed "
    "between the two piers. Figures are preliminary until the end of the quarter and may be corrected. "
    "Questions go to the duty officer."
)
GOODS = ("Cedar", "Harbour", "Lantern", "Meadow", "Orchard", "Pebble", "Quarry", "Ridge", "Saffron", "Thistle")
MAKES = ("daypack", "satchel", "tote", "duffel", "messenger bag", "backpack")
PLACES = ("강남구", "강동구", "관악구", "광진구", "구로구", "노원구", "마포구", "서초구", "송파구", "용산구")
WORK = ("주방 보조", "경비원", "사서", "간호사", "배달원", "조경사")


def product(number: int) -> tuple[str, str]:
    name = f"{GOODS[number % 10]} {MAKES[number // 10]}"
    return name, f"{name}, {12 + number} litres, weighs {400 + 7 * number} g and has {number % 5 + 1} pockets. {SHOP}"


def advert(number: int) -> tuple[str, str]:
    name = f"{PLACES[number % 10]} {WORK[number // 10]} 모집"
    return name, f"{PLACES[number % 10]}에서 일할 {WORK[number // 10]} {number % 4 + 1}명을 찾습니다. {AGENCY}"


def report(number: int) -> tuple[str, str]:
    """But for its numbers, each says the same."""
    name = f"Level of the river, day {number + 1}"
    return name, f"Day {number + 1}: {180 + number} cm, {40 + number % 9} cubic metres a second. {OFFICE}"


@pytest.mark.parametrize(
    ("page", "asked"),
    [(product, "delivery returns straps"), (advert, "모집"), (report, "level river")],
    ids=["products", "adverts", "reports"],
)
def test_sixty_pages_of_one_template_are_sixty_results(subject: Subject, page, asked: str) -> None:
    texts = [page(number) for number in range(COUNT)]
    plain = [subject.document(f"/{number}", title=title, body=body) for number, (title, body) in enumerate(texts)]
    signed = [replace(one, signature=signature(one.body)) for one in plain]
    groups = DocumentGroups(subject.index)
    for start in range(0, COUNT, 7):  # some are seen in the index, some are remembered
        subject.put(*groups.grouped(signed[start : start + 7]))
    found = subject.all_paths(asked, limit=25)
    assert sorted(found) == sorted(f"/{number}" for number in range(COUNT))


def test_the_same_advert_under_two_addresses_is_one_result(subject: Subject) -> None:
    title, body = advert(3)
    plain = [subject.document(f"/{number}", title=title, body=body) for number in range(2)]
    signed = [replace(one, signature=signature(one.body)) for one in plain]
    subject.put(*DocumentGroups(subject.index).grouped(signed))
    assert len(subject.all_paths("모집", limit=25)) == 1
