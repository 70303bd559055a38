"""A browser straight on the application: thousands of requests in seconds, where a TestClient starts a thread for each."""  # noqa: E501

import asyncio
from typing import Any

import httpx
from litestar import Litestar

from tests.conftest import ORIGIN


class Browser:
    """Follows no redirect, keeps its cookies, sends the headers of a page of ours."""

    def __init__(self, app: Litestar, runner: asyncio.Runner) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, follow_redirects=False)
        self._client.headers["sec-fetch-site"] = "same-origin"
        self._runner = runner

    @property
    def headers(self) -> httpx.Headers:
        return self._client.headers

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PUT", path, **more)
