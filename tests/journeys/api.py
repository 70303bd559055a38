"""The road by JSON only: a client with a token, and visits with real pictures."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from PIL import Image

from audit_app.bench.bodies import filled
from audit_app.kit.ids import random_id
from audit_app.planning.models import Assignment
from audit_app.scoring.sheet import Item
from audit_app.standards.queries import sheet_for
from tests.journeys.house import House, now

PART = 128 * 1024


def content_of(key: str) -> bytes:
    """A photo that differs from item to item."""
    shade = sum(key.encode()) % 200
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 255 - shade, len(key))).save(out, "JPEG", comment=key.encode())
    return out.getvalue()


@dataclass
class Api:
    """Somebody who calls the API with a token."""

    house: House
    username: str

    def __post_init__(self) -> None:
        bearer = {"authorization": f"Bearer {self.house.token(self.username)}"}
        self.http = httpx.Client(base_url=self.house.base, headers=bearer, timeout=90)

    def ok(self, method: str, path: str, *expected: int, **how: Any) -> httpx.Response:
        reply = self.http.request(method, path, **how)
        assert reply.status_code in (expected or (200,)), (method, path, reply.status_code, reply.text[:400])
        return reply

    def body(self, assignment_id: str, content: Callable[[str], bytes] = content_of, note: str = "",
             option_at: Callable[[Item], int] = lambda item: 0, hours_ago: float = 2) -> dict[str, Any]:  # fmt: skip
        """A complete visit for a job, begun two hours ago."""

        def make(session: Any) -> dict[str, Any]:
            job = session.get_one(Assignment, assignment_id)
            sheet = sheet_for(session, job.checklist_version_id)
            began = now() - timedelta(hours=hours_ago)
            return filled(
                sheet, job.id, job.checklist_version_id, began, option_at=option_at, note=note, content=content
            )

        return self.house.db.read_now(make)

    def send(self, assignment_id: str, content: Callable[[str], bytes] = content_of, **how: Any) -> str:
        """A whole visit with its evidence; its id, once the receipt names everything."""
        body, visit = self.body(assignment_id, content, **how), random_id()
        receipt = self.ok("PUT", f"/api/v1/visits/{visit}", 201, json=body).json()
        for line in body["evidence"]:
            if line["sha256"] in receipt["missing_evidence"]:
                self.upload(line["sha256"], content(f"{line['item_id']}.{line['media_type']}"))
        again = self.ok("PUT", f"/api/v1/visits/{visit}", 200, json=body).json()
        assert again["missing_evidence"] == []
        return visit

    def upload(self, sha256: str, data: bytes) -> None:
        for at in range(0, len(data), PART):
            headers = {"upload-offset": str(at)}
            self.ok("PUT", f"/api/v1/evidence/{sha256}", 200, 201, 204, content=data[at : at + PART], headers=headers)
