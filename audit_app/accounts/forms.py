"""What the administrator's forms send."""

from typing import Any

from litestar import Request

from audit_app.access.rules import MAX_USERNAME, PERMISSIONS
from audit_app.accounts import rules
from audit_app.accounts.rules import Filters, NewAccount, NewGrant
from audit_app.kit.forms import Fields, fields_of
from audit_app.kit.web import query_text

LONGEST_NAME, LONGEST_REASON = 80, 500


def filters_of(request: Request[Any, Any, Any]) -> Filters:
    """The filters of the list; what is unknown counts as not chosen."""
    role, state = query_text(request, "role"), query_text(request, "state")
    return Filters(
        query_text(request, "q")[:80],
        role if role in PERMISSIONS else "",
        query_text(request, "unit")[:36],
        state if state in rules.STATES else "",
        query_text(request, "after")[:400],
    )


def _grant(fields: Fields) -> NewGrant:
    role = fields.choice("role", rules.GRANTABLE)
    narrowed = role in rules.NARROWED
    return NewGrant(
        role,
        "" if narrowed else fields.text("unit", 36, required=bool(role)),
        fields.text("place", 36, required=True) if narrowed else "",
        fields.text("reason", LONGEST_REASON),
    )


async def new_grant(request: Request[Any, Any, Any]) -> tuple[Fields, NewGrant]:
    fields = await fields_of(request)
    return fields, _grant(fields)


async def new_account(request: Request[Any, Any, Any]) -> tuple[Fields, NewAccount]:
    fields = await fields_of(request)
    username = fields.text("username", MAX_USERNAME, required=True)
    name = fields.text("display_name", LONGEST_NAME, required=True)
    return fields, NewAccount(username, name, _grant(fields))


async def reason(request: Request[Any, Any, Any]) -> tuple[Fields, str]:
    fields = await fields_of(request)
    return fields, fields.text("reason", LONGEST_REASON)
