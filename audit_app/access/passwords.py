"""Hashing and judging passwords. Blocking functions for jobs and tests, awaitable ones for handlers.

Each hash takes 46 MiB, so at most two run at once: two threads of our own do them all.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn

from audit_app.access import rules
from audit_app.kit.errors import FieldError

AT_ONCE = 2
_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_threads = ThreadPoolExecutor(AT_ONCE, "argon2")


def hash_now(password: str) -> str:
    return str(_hasher.hash(password))


def verify_now(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. For an unknown name (None) the same work is done, for nothing."""
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


async def hash_(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


async def verify(stored: str | None, password: str) -> bool:
    return await asyncio.get_running_loop().run_in_executor(_threads, verify_now, stored, password)


async def unusable() -> str:
    """The hash of a password that nobody has: of an account whose owner has not chosen one yet."""
    return await hash_(secrets.token_urlsafe(32))


@cache
def _nobody() -> str:
    return str(_hasher.hash("nobody has this password"))


def too_long(password: str) -> bool:
    return len(password.encode("utf-8", "surrogatepass")) > rules.MAX_PASSWORD_BYTES


def faults(password: str, *personal: str, field: str = "new_password") -> list[FieldError]:
    """What is wrong with a new password: too short or long, or easy to guess. No rules of composition."""
    if too_long(password):
        return [FieldError(field, "too-long", "This password is too long.")]
    if len(password) < rules.MIN_PASSWORD:
        return [FieldError(field, "too-short", "Use at least %(least)s characters.", {"least": rules.MIN_PASSWORD})]
    verdict = zxcvbn(password[:72], user_inputs=[*personal, *rules.COMPANY_WORDS])
    if verdict["score"] < rules.WEAKEST_SCORE:
        return [FieldError(field, "easy-to-guess", "This password is easy to guess. A few unrelated words are better.")]
    return []
