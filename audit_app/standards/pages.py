"""The list of checklists and the reading view of one version."""

from litestar.handlers import HTTPRouteHandler

handlers: list[HTTPRouteHandler] = []
