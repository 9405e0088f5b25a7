"""Member cities as JSON."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from sessions.web import city_list, reader
from sessions.web.api import problems
from sessions.web.api.paging import PageOut, Paging, cut
from sessions.web.api.values import Address, Zone

endpoints = Blueprint("api_cities", __name__, url_prefix="/api/v1/cities", description="Cities")


class CityOut(Schema):
    """A member city. shown, recordings: as far as the caller may open them."""

    id = fields.Int(attribute="city.id", required=True)
    name = fields.Str(attribute="city.name", required=True)
    name_en = fields.Str(attribute="city.name_en", required=True)
    region = fields.Str(attribute="city.region", required=True)
    region_en = fields.Str(attribute="city.region_en", required=True)
    tz = fields.Str(attribute="city.tz", required=True, metadata={"description": "IANA zone"})
    lat = fields.Float(attribute="city.lat", allow_none=True, required=True)
    lon = fields.Float(attribute="city.lon", allow_none=True, required=True)
    population = fields.Int(attribute="city.population", allow_none=True, required=True)
    joined_on = fields.Date(attribute="city.joined_on", allow_none=True, required=True)
    shown = fields.Int(required=True, metadata={"description": "sessions it hosted or presented"})
    recordings = fields.Int(required=True)
    url = Address("cities", "city.id")


class CitiesOut(PageOut):
    items = fields.List(fields.Nested(CityOut), required=True)


class CitiesAsked(Paging):
    q = fields.Str(
        validate=validate.Length(max=80),
        metadata={"description": "part of a name or of a region, in either language"},
    )
    tz = Zone(metadata={"description": "IANA zone"})


@endpoints.get("/")
@endpoints.arguments(CitiesAsked, location="query")
@endpoints.response(200, CitiesOut)
@endpoints.alt_response(304, description="What you have is still so")
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """The member cities by name."""
    rows = city_list.matching(city_list.rows(g.viewer, reader.locale()), asked.get("q", ""))
    if "tz" in asked:
        rows = [row for row in rows if row.city.tz == asked["tz"]]
    return cut(rows, asked)


@endpoints.get("/<int:city_id>")
@endpoints.response(200, CityOut)
@endpoints.alt_response(304, description="What you have is still so")
def show(city_id: int) -> city_list.Row:
    """One city; its sessions are those of /sessions/?city=…"""
    rows = city_list.rows(g.viewer, reader.locale())
    found = next((row for row in rows if row.city.id == city_id), None)
    return found or problems.stop("not_found")
