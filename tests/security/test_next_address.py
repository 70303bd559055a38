"""Where one is led after signing in: never to another site."""

import pytest

from audit_app.kit.web import safe_next


@pytest.mark.parametrize(
    "address",
    [
        "//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example", "/\t\\elsewhere.example",
        "/\n/elsewhere.example", "/\r/elsewhere.example", "/\0/elsewhere.example", "https://elsewhere.example",
        "javascript:alert(1)", "", "x",
    ],
)  # fmt: skip
def test_another_site_is_refused(address: str) -> None:
    assert safe_next(address, "/home") == "/home"


@pytest.mark.parametrize("address", ["/", "/reviews?show=subjects&q=a%20b", "/organisation?q=\u5357\u660c"])
def test_an_own_address_stays(address: str) -> None:
    assert safe_next(address, "/home") == address
