"""Stands before every http request and websocket upgrade: what the policy does not allow never reaches a route."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchglass.api.locked import locked_page
from torchglass.api.problems import problem
from torchglass.api.settings import Settings
from torchglass.auth.policy import Access, rules_for
from torchglass.auth.token import from_authorization, from_cookies, same

_SAFE = frozenset({"GET", "HEAD", "WEBSOCKET"})


class Guard:
    """Checks Host, the policy table, the token, then Origin. Pure ASGI, default deny."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._judge(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await _refuse_upgrade(refusal, receive, send)

    def _judge(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further; None lets it pass."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.settings.hosts:
            return problem(421, "host", "This server does not answer under that name.")
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        rules = rules_for(scope["path"])
        rule = next((rule for rule in rules if method in rule.methods), None)
        if rule is not None and rule.access is Access.OPEN:
            return None
        if rule is not None and rule.access is Access.PAGE:
            exchanged = self._exchange(scope, headers)
            if exchanged is not None:
                return exchanged
        if not self._known(headers):
            return _locked(headers, page=rule is not None and rule.access is Access.PAGE)
        if not self._origin_allowed(headers, method):
            return problem(403, "origin", "This request comes from a foreign page and was refused.")
        if rule is None:
            return _nowhere(sorted({method for rule in rules for method in rule.methods} - {"WEBSOCKET"}))
        return None

    def _origin_allowed(self, headers: Headers, method: str) -> bool:
        """Exact match on upgrades and unsafe methods. A program that carries the bearer token sends no Origin,
        and no page can make a browser send that header."""
        if method in _SAFE and method != "WEBSOCKET":
            return True
        origins = headers.getlist("origin")
        if not origins:
            return same(from_authorization(headers.get("authorization", "")), self.settings.token)
        return len(origins) == 1 and origins[0] in self.settings.origins

    def _known(self, headers: Headers) -> bool:
        token = self.settings.token
        return same(from_authorization(headers.get("authorization", "")), token) or same(
            from_cookies(headers.get("cookie", ""), self.settings.cookie), token
        )

    def _exchange(self, scope: Scope, headers: Headers) -> Response | None:
        """A page opened with ``?token=``: set the cookie and go to the same page without it."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = [value for key, value in query if key == "token"]
        if not given:
            return None
        if not same(given[0], self.settings.token):
            return locked_page(headers)
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        path = "/" + scope["path"].lstrip("/")
        response = RedirectResponse(path + ("?" + rest if rest else ""), status_code=303)
        response.set_cookie(
            self.settings.cookie, self.settings.token, httponly=True, samesite="strict", path="/", max_age=30 * 86400
        )
        return response


def _locked(headers: Headers, *, page: bool) -> Response:
    if page:
        return locked_page(headers)
    return problem(401, "token", "This server needs its token: open the address that it printed when it started.")


def _nowhere(methods: list[str]) -> Response:
    if methods:
        words = "This address does not take that method."
        return problem(405, "method", words, headers={"allow": ", ".join(methods)})
    return problem(404, "not-found", "There is nothing at this address.")


async def _refuse_upgrade(refusal: Response, receive: Receive, send: Send) -> None:
    """Answer an upgrade with plain http, before accept()."""
    await receive()

    async def as_websocket(message: Message) -> None:
        await send({**message, "type": "websocket." + message["type"]})

    await as_websocket({"type": "http.response.start", "status": refusal.status_code, "headers": refusal.raw_headers})
    await as_websocket({"type": "http.response.body", "body": refusal.body})
