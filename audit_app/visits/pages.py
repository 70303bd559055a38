"""Pages of the field app."""

from litestar.handlers import HTTPRouteHandler

handlers: list[HTTPRouteHandler] = []
