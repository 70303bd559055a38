"""Tables of invitations and of changes that wait for a second administrator."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant, internal_key, maybe_instant, ref


class Invitation(SQLModel, table=True):
    """A link by which its owner chooses a password, once. Only the hash of its 128 random bits is kept."""

    __tablename__ = "invitation"

    id: str = internal_key()
    account_id: str = ref("account.id")
    unit_code: str = ref("org_unit.code")  # where the account belongs before it has a role
    token_hash: str = Field(unique=True, max_length=64)
    created_by: str = Field(max_length=36)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = maybe_instant()
    withdrawn_at: datetime | None = maybe_instant()


class Proposal(SQLModel, table=True):
    """A change that takes effect when a second administrator confirms it."""

    __tablename__ = "account_proposal"
    id: str = internal_key()
    account_id: str = ref("account.id")
    kind: str = Field(max_length=16)  # grant | invite | link | totp
    role: str = Field(default="", max_length=24)
    unit_code: str = ref("org_unit.code")
    reason: str = Field(max_length=500)
    status: str = Field(max_length=12, index=True)  # waiting | confirmed | refused
    asked_by: str = ref("account.id", index=False)
    asked_at: datetime = instant()
    decided_by: str | None = ref("account.id", index=False, nullable=True)
    decided_at: datetime | None = maybe_instant()
