"""YAML as plain scalars, lists and maps only: no aliases, no repeated keys, decimals kept exact, bounded in size."""

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

LARGEST = 1_000_000
DEEPEST = 20


class Unreadable(Exception):
    """The bytes are no such YAML. `place` is "line n" where it is known; `message` a message id with `params`."""

    def __init__(self, message: str, mark: Any = None, **params: object) -> None:
        self.message, self.params = message, params
        self.place = "" if mark is None else f"line {mark.line + 1}"
        super().__init__(message)


class _Loader(yaml.CSafeLoader):
    """The safe loader, with exact decimals and without silently lost keys."""


def _decimal(loader: Any, node: Any) -> Any:
    text = loader.construct_scalar(node)
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return value if value.is_finite() else text


def _map(loader: Any, node: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise Unreadable("A key must be a plain text.", key_node.start_mark)
        if key in found:
            raise Unreadable("The key %(key)s stands here twice.", key_node.start_mark, key=key)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _map)


def load(source: bytes) -> Any:
    """The tree of the file; :class:`Unreadable` otherwise."""
    if len(source) > LARGEST:
        raise Unreadable("The file is larger than %(most)s bytes.", most=LARGEST)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Unreadable("The file is not UTF-8 text.") from fault
    try:
        _refuse_tricks(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as fault:
        raise Unreadable("The YAML cannot be read here.", fault.problem_mark or fault.context_mark) from fault
    except (yaml.YAMLError, ValueError) as fault:
        raise Unreadable("The YAML cannot be read here.") from fault


def _refuse_tricks(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable("Anchors and aliases are not taken.", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise Unreadable("The YAML is nested too deeply.", event.start_mark)
