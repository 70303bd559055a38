"""Reading the forms of questions and answers."""

from typing import Any

from litestar import Request

from audit_app.kit.forms import Fields, fields_of
from audit_app.personal import rules


async def question(request: Request[Any, Any, Any]) -> tuple[Fields, rules.Question]:
    """The question; `check` of the fields says whether it can be taken."""
    fields = await fields_of(request)
    text = fields.text("text", rules.LONGEST, required=True)
    return fields, rules.Question(text, fields.text("item_id", 80))


async def answer(request: Request[Any, Any, Any]) -> tuple[Fields, str]:
    fields = await fields_of(request)
    return fields, fields.text("answer", rules.LONGEST, required=True)
