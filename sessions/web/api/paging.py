"""Pages of a list in the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import Select

from integrations.runtime.database import db


class Paging(Schema):
    """Which page, and how long."""

    page = fields.Int(load_default=1, validate=validate.Range(1, 100_000))
    per_page = fields.Int(load_default=50, validate=validate.Range(1, 200))


class PageOut(Schema):
    """A page of a list; one beyond the last is empty."""

    total = fields.Int(required=True, metadata={"description": "of all pages"})
    page = fields.Int(required=True)
    pages = fields.Int(required=True)


def paged(query: Select[Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The asked page of a query with its place among all; a page beyond the last is empty."""
    found = db.paginate(query, page=asked["page"], per_page=asked["per_page"], error_out=False)
    return {"items": found.items, "total": found.total, "page": found.page, "pages": found.pages}


def cut(items: Sequence[Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The same of a list that is at hand already."""
    page, length = asked["page"], asked["per_page"]
    return {
        "items": items[(page - 1) * length : page * length],
        "total": len(items),
        "page": page,
        "pages": -(-len(items) // length),
    }
