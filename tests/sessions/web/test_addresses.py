"""Addresses that nobody links to, typed by hand."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("number", ["9223372036854775808", "99999999999999999999999", "2147483648"])
@pytest.mark.parametrize("path", ["/talks?page=", "/api/v1/talks/?before="])
def test_number_that_no_column_holds_is_no_page(
    client: FlaskClient, path: str, number: str
) -> None:
    assert client.get(f"{path}{number}").status_code == 404


@pytest.mark.parametrize("path", ["/schedule/", "/cities/", "/talks/"])
def test_slash_at_the_end_changes_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
