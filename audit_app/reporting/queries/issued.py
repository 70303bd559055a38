"""What is known of a document that somebody checks. It tells nothing about people or places."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.reporting.models import IssuedDocument, RenderedDocument, Scorecard


@dataclass(frozen=True, slots=True)
class Checked:
    """`superseded_at`: since when there is a newer one, None for the one that counts; `files`: hashes of the files that
    were handed out under the token."""

    token: str
    kind: str
    edition: str
    issued_at: datetime
    superseded_at: datetime | None
    files: list[str]


def checked(session: Session, token: str) -> Checked | None:
    """The document of a token; None if there is none."""
    i, later = IssuedDocument, sa.orm.aliased(IssuedDocument)
    newer = (
        columns(sa.func.min(later.issued_at))
        .where(
            col(later.scorecard_id) == i.scorecard_id, col(later.edition) == i.edition,
            col(later.facts_sha256) != i.facts_sha256, col(later.issued_at) >= i.issued_at, later.token != i.token,
        )
        .correlate(i)
        .scalar_subquery()
    )  # fmt: skip
    row = session.execute(
        columns(Scorecard.kind, i.edition, i.issued_at, Scorecard.updated_at, Scorecard.visits, newer.label("newer"))
        .join(Scorecard, col(Scorecard.id) == i.scorecard_id)
        .where(i.token == token)
    ).first()
    if row is None:
        return None
    since = [at for at in (row.newer, row.updated_at if row.updated_at > row.issued_at else None) if at is not None]
    if not since and not row.visits:
        since = [max(row.updated_at, row.issued_at)]
    files = session.scalars(columns(RenderedDocument.blob).where(RenderedDocument.token == token))
    return Checked(token, row.kind, row.edition, row.issued_at, min(since, default=None), sorted(files))


def newest(session: Session, token: str) -> str | None:
    """The token of the document that was issued last for the same card and edition with other facts; None while nobody
    has taken one."""
    old, later = IssuedDocument, sa.orm.aliased(IssuedDocument)
    return session.scalars(
        columns(later.token)
        .join(old, all_of(col(old.scorecard_id) == later.scorecard_id, col(old.edition) == later.edition))
        .where(
            col(old.token) == token, col(later.facts_sha256) != old.facts_sha256, col(later.issued_at) >= old.issued_at,
        )
        .order_by(later.issued_at.desc(), later.token)
        .limit(1)
    ).first()  # fmt: skip


def known_file(session: Session, sha256: str) -> Checked | None:
    """The document that a whole file's hash belongs to; None if we never made that file."""
    found = session.scalars(
        columns(RenderedDocument.token)
        .where(RenderedDocument.blob == sha256, any_of(col(RenderedDocument.token).is_not(None)))
        .limit(1)
    ).first()
    return checked(session, found) if found else None
