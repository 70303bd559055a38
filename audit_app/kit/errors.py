"""Expected refusals. Each carries the HTTP status it becomes; anything else that is raised is a bug and becomes 500.

Messages are English message ids: the edge translates them, never the place that raises.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldError:
    """One thing wrong in an input: where (`path`), a stable `code` for programs, a message id and its parameters."""

    path: str
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


class Refusal(Exception):
    """Base of all expected refusals. `message` is a message id with `%(name)s` places filled from `params`."""

    status = 400
    code = "refused"
    default = "This cannot be done."

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        fields: Sequence[FieldError] = (),
        params: Mapping[str, object] | None = None,
        extra: Mapping[str, object] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message or self.default
        self.code = code or type(self).code
        self.fields = list(fields)
        self.params = dict(params or {})
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(self.message)


class BadRequest(Refusal):
    status, code, default = 400, "bad-request", "The request could not be read."


class SignInNeeded(Refusal):
    status, code, default = 401, "sign-in-needed", "Please sign in."


class Forbidden(Refusal):
    status, code, default = 403, "forbidden", "You may see this but not do that."


class NotFound(Refusal):
    """Also for what exists but must not be seen: both get the same words."""

    status, code, default = 404, "not-found", "This does not exist, or you may not see it."


class Conflict(Refusal):
    status, code, default = 409, "conflict", "Somebody else was faster, or the state has changed."


class TooLarge(Refusal):
    status, code, default = 413, "too-large", "This is larger than allowed."


class Invalid(Refusal):
    """422 with every fault at once in `fields`."""

    status, code, default = 422, "invalid", "Please correct the marked places."


class TooMany(Refusal):
    status, code, default = 429, "too-many", "Too many attempts. Please wait a little."


class NoRoom(Refusal):
    """The disk is nearly full: no more files until somebody has made room. What was sent before stays."""

    status, code, default = 503, "no-room", "The server has no room for files at the moment. Keep them and send later."


class Busy(Refusal):
    """The writer is taken; the caller may come again after `retry_after` seconds."""

    status, code, default = 503, "busy", "The system is busy. Please try again in a moment."
