"""JSON bodies, read more strictly than the library does: every name once, finite numbers, and errors in words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

#: Names in one object. Nothing that people send has as many; each unknown one is a fault of 1.5 kB to be reported.
_MOST_NAMES = 10_000


#: From this many bytes on, reading JSON would hold everybody else up.
_LONG = 32 * 1024


class _StrictRequest(Request):
    async def json(self) -> Any:
        body = await self.body()
        try:
            return _loads(body) if len(body) < _LONG else await asyncio.to_thread(_loads, body)
        except RecursionError:
            raise HTTPException(400, "This JSON is nested far too deep.") from None
        except UnicodeDecodeError:
            raise HTTPException(400, "This is no text in UTF-8.") from None
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise HTTPException(400, f"This is no JSON ({place}): {error.msg}.") from None
        except ValueError as error:
            words = "A number in this JSON has far too many digits." if "digits" in str(error) else str(error)
            raise HTTPException(400, words) from None


class StrictRoute(APIRoute):
    """For routers whose bodies come from people: ``APIRouter(route_class=StrictRoute)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


def _loads(body: bytes) -> Any:
    return json.loads(body, object_pairs_hook=_once, parse_constant=_not_finite)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MOST_NAMES:
        raise ValueError(f"An object in this JSON has more than {_MOST_NAMES:,} names.")
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"The name “{twice[:64]}” stands twice in the same object; each may stand once.")
    return found


def _not_finite(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON: only finite numbers are allowed.")
