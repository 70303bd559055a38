"""Tables of accounts, their sessions and tokens, and the rate buckets."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant, internal_key, maybe_instant, ref


class Account(SQLModel, table=True):
    """Somebody who can sign in. What the account may do stands in `role_grant`."""

    __tablename__ = "account"

    id: str = internal_key()
    username: str = Field(unique=True, max_length=64)
    display_name: str = Field(max_length=80)
    password_hash: str = Field(max_length=255)
    locale: str = Field(default="zh", max_length=8)
    theme: str = Field(default="auto", max_length=8)
    totp_seed: str | None = Field(default=None, max_length=255)  # encrypted under the server's key
    totp_enrolled_at: datetime | None = maybe_instant()
    totp_last_step: int | None = None  # a code is accepted once
    active: bool = True
    demo: bool = False
    created_at: datetime = instant()


class LoginSession(SQLModel, table=True):
    """One signed-in browser. Only the hash of its token is kept; it is checked on each request."""

    __tablename__ = "login_session"

    id: str = internal_key()
    token_hash: str = Field(unique=True, max_length=64)
    account_id: str = ref("account.id")
    kind: str = Field(max_length=8)  # desk | field
    device_id: str | None = Field(default=None, max_length=64)
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = maybe_instant()
    totp_at: datetime | None = maybe_instant()


class RecoveryCode(SQLModel, table=True):
    """Lets the owner in once where the code generator is out of reach. 80 random bits, kept as a hash."""

    __tablename__ = "recovery_code"

    id: str = internal_key()
    account_id: str = ref("account.id")
    code_hash: str = Field(unique=True, max_length=64)
    made_at: datetime = instant()
    used_at: datetime | None = maybe_instant()


class ApiToken(SQLModel, table=True):
    """A named, revocable key to the JSON interface, kept as a hash."""

    __tablename__ = "api_token"

    id: str = internal_key()
    account_id: str = ref("account.id")
    name: str = Field(max_length=80)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = maybe_instant()
    used_at: datetime | None = maybe_instant()


class RateBucket(SQLModel, table=True):
    """How often something was tried in the present window of its key."""

    __tablename__ = "rate_bucket"

    key: str = Field(primary_key=True, max_length=160)
    window_start: datetime = instant()
    count: int = 0
