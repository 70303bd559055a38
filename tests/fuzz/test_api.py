"""The described interface under 500 generated requests: no bug, no undocumented kind of answer."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.authz.house import House
from tests.fuzz.test_queries import house  # noqa: F401

CASES = 500
KINDS = {"application/json", "application/problem+json", "application/pdf", ""}
PEOPLE = ("tester", "reviewer", "hr")


def operations(document: dict[str, Any]) -> list[Any]:
    """Everything below /api/v1."""
    schema = schemathesis.openapi.from_dict(document)
    found = [result.ok() for result in schema.get_all_operations()]
    return [one for one in found if one.path.startswith("/api/v1/")]


def sent(case: Any) -> dict[str, Any]:
    """What httpx needs of a generated case."""
    more: dict[str, Any] = {}
    headers = {
        str(name): str(value).encode("utf-8", "replace")
        for name, value in (case.headers or {}).items()
        if str(name).isascii() and not {"\r", "\n", "\0"} & set(str(value))
    }
    if case.query:
        more["params"] = {k: v for k, v in case.query.items() if not isinstance(v, dict)}
    if isinstance(case.body, bytes):
        more["content"] = case.body
    elif isinstance(case.body, dict | list | str | int | float | bool) or case.body is None:
        more["json"] = case.body
    return {**more, "headers": headers}


FIELDS = st.sampled_from(
    [
        "revision", "assignment_id", "checklist_version_id", "started_at", "finished_at", "answers", "evidence", "declaration",  # noqa: E501
        "reason", "note", "release_note", "item_id", "value",
    ]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6), max_leaves=12
)


@pytest.mark.parametrize("who", PEOPLE)
def test_generated_requests(house: House, who: str) -> None:  # noqa: F811
    known = operations(house.app.openapi_schema.to_schema())
    assert len(known) > 12
    each = -(-CASES // (len(known) * len(PEOPLE)))
    wrong: set[str] = set()
    count = [0]

    for operation in known:

        @settings(
            max_examples=each,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), body=ANYTHING)
        def once(case: Any, body: Any) -> None:
            more = sent(case)
            if case.method in ("POST", "PUT") and "content" not in more and "json" not in more:
                more["json"] = body
            more["headers"] |= {"x-csrf-token": house.browser(who).headers["x-csrf-token"]}
            answer = house.browser(who).request(case.method, case.formatted_path, **more)
            count[0] += 1
            kind = answer.headers.get("content-type", "").partition(";")[0]
            if answer.status_code >= 500 or kind not in KINDS:
                wrong.add(
                    f"{who} {case.method} {case.formatted_path[:80]} {str(more)[:200]}: {answer.status_code} {kind}"
                )

        once()
    assert count[0] >= CASES // len(PEOPLE)
    assert not wrong, "\n".join(sorted(wrong))
