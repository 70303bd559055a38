"""Addresses and page markers that make a system call or a conversion raise: not found or bad, never a bug."""

import base64
import json

import pytest

from audit_app.kit.errors import BadRequest
from audit_app.kit.paging import decode_moment
from tests.access.conftest import ClientFor


@pytest.mark.parametrize("path", ["/static/%00", "/static/css%00x", "/static/" + "a" * 300, "/static/" + "a/" * 3000])
def test_no_file_can_have_this_name(client_for: ClientFor, path: str) -> None:
    assert client_for("staff").get(path).status_code == 404


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"])
def test_an_instant_outside_the_calendar_is_a_bad_page(at: str) -> None:
    marker = base64.urlsafe_b64encode(json.dumps([at, "x"]).encode()).decode().rstrip("=")
    with pytest.raises(BadRequest):
        decode_moment(marker)
