"""Forms of appeals as typed input."""

import asyncio
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

from audit_app.access.rules import Actor
from audit_app.access.storing import admit_files
from audit_app.appeals import rules
from audit_app.appeals.operations import Upload
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.kit.errors import FieldError, Invalid
from audit_app.kit.forms import Fields, fields_of
from audit_app.visits.media import NotShown, kind_of

FILES = "files"


async def files_of(request: Request[Any, Any, Any], db: Database, blobs: Blobs, actor: Actor) -> list[Upload]:
    """The photos and recordings of a form, put into the store under what their own first bytes say they are. Names and
    types of the sender are ignored."""
    form = await request.form()
    sent = [one for _, one in form.multi_items() if isinstance(one, UploadFile) and one.filename]
    if len(sent) > rules.MOST_FILES:
        raise Invalid(fields=[FieldError(FILES, "too-many", "At most %(most)s files.", {"most": rules.MOST_FILES})])
    if sent:
        await admit_files(db, blobs, actor)
    return [await _stored(one, blobs) for one in sent]


async def _stored(one: UploadFile, blobs: Blobs) -> Upload:
    data = await one.read()
    if len(data) > rules.LARGEST_FILE:
        raise Invalid(fields=[FieldError(FILES, "too-large", "A file may have at most 8 MB.")])
    try:
        kind = kind_of(data)
    except NotShown as fault:
        text = "Only photos (JPEG, PNG, WebP) and recordings can be added."
        raise Invalid(fields=[FieldError(FILES, "kind", text)]) from fault
    return Upload(await asyncio.to_thread(blobs.put, data), kind, len(data))


def filing(fields: Fields) -> rules.Filing:
    """An appeal: item, ground and words."""
    found = rules.Filing(
        ground=fields.text("ground", 12, required=True),
        words=fields.text("words", rules.LONGEST_WORDS, required=True),
        item_id=fields.text("item_id", 80),
    )
    fields.check()
    return found


def words(fields: Fields) -> str:
    """Why somebody goes on, or contests a voiding."""
    found = fields.text("words", rules.LONGEST_WORDS, required=True)
    fields.check()
    return found


def ballot(fields: Fields) -> rules.Ballot:
    """A vote: `answer` is `keep` or `uphold` alone, `option:<id>` (several where the item takes many), `na` or
    `value`."""
    answers = fields.all("answer")
    value = fields.text("value", 40) if "value" in answers else ""
    reason = fields.text("reason", rules.LONGEST_REASON, required=True)
    if not answers:
        fields.wrong("answer", "required", "Please choose what you decide.")
    elif not _one_answer(answers):
        fields.wrong("answer", "choice", "Please choose one of the list.")
    elif "value" in answers and not value:
        fields.wrong("value", "required", "Please fill this in.")
    fields.check()
    options = [one.removeprefix("option:") for one in answers if one.startswith("option:")]
    return rules.Ballot(reason, "keep" in answers, options, value, "na" in answers)


def _one_answer(answers: list[str]) -> bool:
    """Whether the boxes that were ticked say one thing."""
    return all(one.startswith("option:") for one in answers) or answers in (["keep"], ["uphold"], ["na"], ["value"])


__all__ = ["ballot", "fields_of", "files_of", "filing", "words"]
