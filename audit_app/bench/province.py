"""A small province for measurements: one hall, a few assessors, one 40-item checklist and as many jobs as wanted."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import select

from audit_app.access import cookies, csrf
from audit_app.access.keys import Keys
from audit_app.access.models import Account, LoginSession
from audit_app.kit.db import Session
from audit_app.kit.ids import new_id, random_id
from audit_app.organisation.models import OrgUnit, RoleGrant, Touchpoint
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.settings import Settings
from audit_app.standards.document import ChecklistDocument, body_of, document_of, sha256_of
from audit_app.standards.models import Checklist, ChecklistVersion
from audit_app.standards.operations import load_library
from audit_app.testers.models import Assessor

ITEMS = 40
CHECKLIST = "bench-40"
PATH = "36/3601/360102/"


@dataclass(frozen=True)
class Phone:
    """A signed-in phone and its jobs."""

    cookie: str
    csrf: str
    jobs: list[str]


@dataclass(frozen=True)
class Province:
    version_id: str
    phones: list[Phone]


def build(session: Session, settings: Settings, keys: Keys, phones: int, jobs: int, now: datetime) -> Province:
    """Fills an empty database: `phones` assessors with `jobs` accepted jobs each."""
    version_id = _checklist(session, now)
    _places(session)
    session.flush()
    people = [_person(session, n, now) for n in range(phones)]
    round_id = _programme(session, people[0][0], now)
    made = []
    for account_id, assessor_id in people:
        cookie, token = _sign_in(session, settings, keys, account_id, now)
        rows = list(_jobs(round_id, assessor_id, version_id, account_id, jobs, now))
        session.execute(sa.insert(Assignment), rows)
        made.append(Phone(cookie, token, [row["id"] for row in rows]))
    return Province(version_id, made)


def _checklist(session: Session, now: datetime) -> str:
    """The first 40 items of the flagship hall that demand no photo in every case."""
    load_library(session, now, None)
    session.flush()
    flagship = session.exec(
        select(ChecklistVersion.body).where(ChecklistVersion.checklist_id == "own-hall-flagship")
    ).one()
    document = _cut(document_of(flagship))
    body = body_of(document)
    session.add(Checklist(id=CHECKLIST, family="", channel="hall", kind="visit", series="by_manner", created_at=now))
    session.flush()
    row = ChecklistVersion(
        id=random_id(), checklist_id=CHECKLIST, number=1, status="published", title_zh=document.title.zh,
        title_en=document.title.en, item_count=ITEMS, critical_count=document.critical_count, body=body,
        body_sha256=sha256_of(body), published_at=now, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _cut(document: ChecklistDocument) -> ChecklistDocument:
    kept: set[str] = set()
    sections = []
    for section in document.sections:
        items = []
        for item in section.items:
            hangs = item.show_if is not None and item.show_if.item not in kept
            if len(kept) < ITEMS and item.evidence.photo != "always" and not hangs:
                items.append(item)
                kept.add(item.id)
        sections.append(msgspec.structs.replace(section, items=tuple(items)))
    return msgspec.structs.replace(document, id=CHECKLIST, sections=tuple(s for s in sections if s.items))


def _places(session: Session) -> None:
    session.add(OrgUnit(code="36", name="Province", level="province", path="36/"))
    session.flush()
    session.add(OrgUnit(code="3601", name="City", level="city", parent_code="36", path="36/3601/"))
    session.flush()
    session.add(OrgUnit(code="360102", name="County", level="county", parent_code="3601", path=PATH))
    session.flush()
    session.add(Touchpoint(id="hall", code="H1", kind="hall", name="Hall", tier=2, unit_code="360102", unit_path=PATH))


def _person(session: Session, n: int, now: datetime) -> tuple[str, str]:
    account, assessor = new_id(), new_id()
    session.add(Account(id=account, username=f"bench-{n}", display_name="", password_hash="-", created_at=now))
    session.flush()
    session.add(RoleGrant(account_id=account, role="tester", unit_code="36", granted_at=now))
    session.add(Assessor(id=assessor, account_id=account, code=f"{n:04}", tier="tester", unit_code="36"))
    session.flush()
    return account, assessor


def _programme(session: Session, account_id: str, now: datetime) -> str:
    programme = Programme(
        name="Bench", unit_code="36", unit_path="36/", level="province", kind="routine", manner="covert",
        touchpoint_kinds=["hall"], checklist_ids=[CHECKLIST], created_by=account_id, created_at=now,
    )  # fmt: skip
    session.add(programme)
    session.flush()
    made = Round(
        programme_id=programme.id, name="Bench", starts_on=(now - timedelta(days=30)).date(),
        ends_on=(now + timedelta(days=30)).date(), status="published", created_by=account_id, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def _jobs(
    round_id: str, assessor_id: str, version_id: str, account_id: str, count: int, now: datetime
) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        yield {
            "id": random_id(), "round_id": round_id, "touchpoint_id": "hall", "unit_path": PATH,
            "assessor_id": assessor_id, "checklist_version_id": version_id, "window_start": now - timedelta(days=5),
            "window_end": now + timedelta(days=5), "status": "accepted", "status_at": now, "reason": "", "note": "",
            "created_by": account_id, "created_at": now,
        }  # fmt: skip


def _sign_in(session: Session, settings: Settings, keys: Keys, account_id: str, now: datetime) -> tuple[str, str]:
    secret, device, key = secrets.token_urlsafe(32), secrets.token_urlsafe(16), new_id()
    session.add(
        LoginSession(
            id=key, token_hash=cookies.hashed(secret), account_id=account_id, kind="field", totp_at=now,
            device_id=cookies.hashed(device), created_at=now, seen_at=now, expires_at=now + timedelta(days=14),
        )
    )  # fmt: skip
    field, place = cookies.name_of(settings, cookies.FIELD), cookies.name_of(settings, cookies.DEVICE)
    return f"{field}={secret}; {place}={device}", csrf.mint(keys, f"session:{key}")
