"""What is asked of the API while a server is away."""

from tests.support.questions import API, questions


def test_every_operation_of_the_description_is_asked_during_outages(desk):
    paths = desk.get("/openapi.json").json["paths"]
    there = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    asked = questions({"request_id": "", "url": ""})
    named = {one.of.replace(" /", f" {API}/", 1) for one in asked} | {one.of for one in asked}
    assert sorted(there - named) == []
