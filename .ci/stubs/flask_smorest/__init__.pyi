# Types of what we use of flask-smorest, which carries none of its own.
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import flask
from marshmallow import Schema

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

class Api:
    def __init__(self, app: flask.Flask | None = ...) -> None: ...
    def register_blueprint(self, blp: Blueprint, **options: Any) -> None: ...

class Blueprint(flask.Blueprint):
    def __init__(self, *args: Any, description: str = ..., **kwargs: Any) -> None: ...

    # Endpoints give whatever the response's schema can dump.
    def get(self, rule: str, **options: Any) -> Callable[[Endpoint], Endpoint]: ...
    def post(self, rule: str, **options: Any) -> Callable[[Endpoint], Endpoint]: ...
    def arguments(
        self, schema: type[Schema] | Schema, *, location: str = ..., **kwargs: Any
    ) -> Callable[[Endpoint], Endpoint]: ...
    def response(
        self, status_code: int, schema: type[Schema] | Schema | None = ..., **kwargs: Any
    ) -> Callable[[Endpoint], Endpoint]: ...

def abort(http_status_code: int, exc: Exception | None = ..., **kwargs: Any) -> NoReturn: ...
