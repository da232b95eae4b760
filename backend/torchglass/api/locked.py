"""The page for a browser that showed no valid token: what to open, or, after a link from elsewhere, a way on."""

from __future__ import annotations

import base64
import hashlib

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:34rem;margin:14vh auto;padding:0 20px;font:16px/1.55 system-ui,sans-serif}"
    "h1{font-size:1.35rem}"
    "button{min-height:44px;padding:0 18px;border:1px solid;border-radius:6px;font:inherit;cursor:pointer}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Torchglass</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main>{words}</main></body></html>"""
_LOCKED = """<h1>Torchglass needs its token</h1>
<p>Open the whole address that the server printed when it started; it ends with <code>?token=…</code>.
After that, links to this server open in this browser.</p>"""
#: An empty action is the document's own address, of which a form replaces the query and keeps the fragment: an
#: experiment in the link survives, a wrong token does not. It needs no script.
_ARRIVED = """<h1>A link from another page brought you here</h1>
<p>A link from elsewhere cannot use Torchglass in your name until you say so.
If this browser has opened Torchglass before, go on:</p>
<form method="get" action=""><button>Open in Torchglass</button></form>
<p>If it has not, open the whole address that the server printed when it started; it ends with
<code>?token=…</code>. Then follow the link again.</p>"""


def locked_page(headers: Headers) -> HTMLResponse:
    """Status 401. The cookie is SameSite=Strict, so a browser keeps it back where the step here began on another
    site, and sends it with a step that begins on a page of this server. That step takes a click: a foreign page
    can not take it for somebody. Without a cookie it leads to the plain page.

    A request that the browser itself (an address typed, a bookmark) or a page of this server began would have
    brought the cookie. `Sec-Fetch-Site` says so; it is missing on plain http beyond this computer, and then the way
    on is offered as well.
    """
    had_its_cookie = headers.get("sec-fetch-site", "") in ("none", "same-origin")
    words = _LOCKED if had_its_cookie else _ARRIVED
    page = _PAGE.format(style=_STYLE, words=words)
    return HTMLResponse(page, status_code=401, headers={"content-security-policy": _POLICY, "vary": "sec-fetch-site"})
