"""Requests as typed input."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from urllib.parse import quote

from litestar import Request
from litestar.datastructures import UploadFile

from audit_app.kit import errors
from audit_app.kit.errors import FieldError
from audit_app.kit.forms import Fields, fields_of
from audit_app.organisation.columns import KINDS
from audit_app.organisation.directory import Filters
from audit_app.organisation.people import STATES, StaffFilters
from audit_app.organisation.reading import MOST_BYTES, Table, read_apart
from audit_app.organisation.rules import TOUCHPOINT_KINDS

MOST_BODY = MOST_BYTES + 64 * 1024
_reader = ThreadPoolExecutor(1, "imports")  # one file at a time, whoever sends how many


async def table_of(request: Request[Any, Any, Any]) -> Table:
    """The uploaded file as a table. Invalid names the field and why; reading runs in a thread of its own."""
    form = await request.form()
    kind, file = str(form.get("kind", "")), form.get("file")
    if kind not in KINDS:
        raise errors.Invalid(fields=[FieldError("kind", "choice", "Please choose what the file holds.")])
    if not isinstance(file, UploadFile) or not file.filename:
        raise errors.Invalid(fields=[FieldError("file", "empty", "Please choose a file.")], extra={"kind": kind})
    data = await file.read()
    try:
        return await asyncio.get_running_loop().run_in_executor(_reader, read_apart, kind, file.filename, data)
    except errors.Invalid as refusal:
        refusal.extra["kind"] = kind
        raise


async def right_rows_only(request: Request[Any, Any, Any]) -> bool:
    return str((await request.form()).get("right_rows_only", "")) == "1"


def filters_of(request: Request[Any, Any, Any]) -> Filters:
    """What the address asks of the directory; what makes no sense is left out."""
    asked = request.query_params
    kind, tier = str(asked.get("kind", "")), str(asked.get("tier", ""))
    return Filters(
        unit=str(asked.get("unit", ""))[:36],
        kind=kind if kind in TOUCHPOINT_KINDS else "",
        tier=tier if tier in ("1", "2", "3") and kind in ("", "hall") else "",
        state=str(asked.get("state", "")) if asked.get("state") in ("open", "closed") else "",
        q=str(asked.get("q", "")).strip()[:80],
        after=str(asked.get("after", ""))[:200],
    )


def staff_filters(request: Request[Any, Any, Any]) -> StaffFilters:
    """What the address asks of the list of staff; what makes no sense is left out."""
    asked = request.query_params
    state = str(asked.get("state", "working"))
    return StaffFilters(
        unit=str(asked.get("unit", ""))[:36],
        state=state if state in (*STATES, "") else "working",
        q=str(asked.get("q", "")).strip()[:80],
        after=str(asked.get("after", ""))[:200],
    )


async def new_move(request: Request[Any, Any, Any]) -> tuple[Fields, str, date]:
    """Where to, and on which day."""
    fields = await fields_of(request)
    return fields, fields.text("to", 36, required=True), fields.day("on")


async def into(request: Request[Any, Any, Any]) -> str:
    """The code of the entry that is kept."""
    return (await fields_of(request)).text("into", 36)


def day_of(request: Request[Any, Any, Any], today: date) -> date:
    """The day `?week=` names; today where it names none."""
    try:
        found = date.fromisoformat(str(request.query_params.get("week", "")))
    except ValueError:
        return today
    return found if 2000 <= found.year <= 2100 else today


def page_number(request: Request[Any, Any, Any]) -> int:
    text = str(request.query_params.get("page", "1"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def attachment(name: str) -> str:
    """Content-Disposition for a download, RFC 5987; the name cannot break out of the header."""
    safe = "".join(c for c in name if c not in '/\\:*?"<>|' and c.isprintable())
    return f"attachment; filename*=UTF-8''{quote(safe, safe='')}"
