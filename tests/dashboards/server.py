"""A stand-in for W&B's server: answers what saving a view asks, and keeps what it was told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "0" * 40
USER = {"id": "VXNlcg==", "name": "me", "username": "me", "email": "me@example.org", "admin": False, "flags": "{}"}
VIEWER = {**USER, "entity": "team", "deletedAt": None, "apiKeys": {"edges": []}, "teams": {"edges": []}}


class Server(ThreadingHTTPServer):
    """What it was asked is in `asked`, in order."""

    def __init__(self, projects: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.projects, self.asked = projects, list[dict[str, Any]]()

    @property
    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_port}"
        return {"WANDB_BASE_URL": url, "WANDB_API_KEY": KEY, "WANDB_MODE": "online", "NO_PROXY": "127.0.0.1"}

    def views(self) -> list[dict[str, Any]]:
        """The variables of each view that was saved."""
        return [each["variables"] for each in self.asked if "upsertView" in each["query"]]

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "upsertView" in query:
            project = {"id": "UHJvamVjdA==", "name": variables["projectName"], "entityName": variables["entityName"]}
            kept = {key: variables[key] for key in ("name", "displayName", "type", "description", "spec")}
            times = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
            return {"upsertView": {"view": {**kept, **times, "id": "Vmlldw==", "project": project}, "inserted": True}}
        if "internalId" in query:
            known = variables.get("projectName", variables.get("name")) in self.projects
            return {"project": {"internalId": "UHJvamVjdEludGVybmFs"} if known else None}
        if "models" in query:
            nodes = [{"node": _project(name), "cursor": ""} for name in self.projects]
            return {"models": {"edges": nodes, "pageInfo": {"endCursor": None, "hasNextPage": False}}}
        return {"viewer": VIEWER, "serverInfo": {"features": []}}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("/graphql"):  # W&B's own telemetry
            return self._reply({})
        asked = json.loads(body)
        self.server.asked.append(asked)
        return self._reply({"data": self.server.answer(asked["query"], asked.get("variables") or {})})

    def do_GET(self) -> None:
        self._reply({})

    def _reply(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _project(name: str) -> dict[str, Any]:
    known = {"id": "UHJvamVjdA==", "name": name, "entityName": "team", "isBenchmark": False, "user": None}
    return {**known, "createdAt": "2026-01-01T00:00:00Z"}


@contextmanager
def serving(*projects: str) -> Iterator[Server]:
    """A server that knows these projects."""
    server = Server(projects)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
