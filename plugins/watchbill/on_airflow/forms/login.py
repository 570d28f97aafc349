"""Nobody who is not logged in to Airflow is shown a form: pages lead to the login and back, all else is refused."""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from watchbill.on_airflow.forms import FILES, PREFIX, Scope, Send, answer, app, name_of


async def with_login(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    """The forms, for who shows the token that Airflow's own pages keep in a cookie."""
    if scope["type"] != "http" or await _is_logged_in(scope):
        await app(scope, receive, send)
    elif scope["method"] == "GET" and FILES.get(name_of(scope), ("", ""))[1].startswith("text/html"):
        await answer(send, 302, b"", "text/plain", {"location": _login(scope)})
    else:
        await answer(send, 401, b"log in to Airflow\n", "text/plain")


async def _is_logged_in(scope: Scope) -> bool:
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.core_api.security import resolve_user_from_token
    from fastapi import HTTPException

    try:
        cookies = SimpleCookie(_header(scope, b"cookie"))
        token = cookies[COOKIE_NAME_JWT_TOKEN].value if COOKIE_NAME_JWT_TOKEN in cookies else None
        return await resolve_user_from_token(token) is not None
    except (CookieError, HTTPException):
        return False


def _login(scope: Scope) -> str:
    """Airflow's own, which comes back to this very link."""
    from airflow.api_fastapi.app import get_auth_manager

    root = str(scope.get("root_path", "")).removesuffix(PREFIX)
    query = bytes(scope.get("query_string", b"")).decode("ascii", "replace")
    back = f"{root}{PREFIX}/{name_of(scope)}" + (f"?{query}" if query else "")
    return quote(get_auth_manager().get_url_login(next_url=back), safe="/:?=&%#+")


def _header(scope: Scope, name: bytes) -> str:
    return b"; ".join(value for key, value in scope["headers"] if key == name).decode("latin-1")
