"""A stand-in for W&B's server: answers what saving a view and syncing a run ask, and keeps what it was told."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "0" * 40
VIEWER = {"id": "VXNlcg==", "entity": "team", "username": "me", "email": "me@example.org", "flags": "{}"}
TIMES = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
TEAM = {"id": "VGVhbQ==", "name": "team"}


class Server(ThreadingHTTPServer):
    """What it was asked is in `asked`, in order; what was uploaded in `files`, by artifact and name; all in `paths`."""

    def __init__(self, projects: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.projects = projects
        self.asked: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.streamed: list[dict[str, Any]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": KEY, "WANDB_MODE": "online", "NO_PROXY": "127.0.0.1"}

    def told(self, operation: str) -> list[dict[str, Any]]:
        """The variables of every such operation."""
        return [each["variables"] for each in self.asked if f"{operation}(" in each["query"].replace(" ", "")]

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        for name, reply in ANSWERS.items():
            if f"{name}(" in query.replace(" ", ""):
                return {name: reply(self, variables)}
        return {"viewer": VIEWER, "serverInfo": {"features": []}}


def _view(_: Server, told: dict[str, Any]) -> dict[str, Any]:
    project = {"id": "UHJvamVjdA==", "name": told["projectName"], "entityName": told["entityName"]}
    kept = {key: told[key] for key in ("name", "displayName", "type", "description", "spec")}
    return {"view": {**kept, **TIMES, "id": "Vmlldw==", "project": project}, "inserted": True}


def _projects(server: Server, _: dict[str, Any]) -> dict[str, Any]:
    known = {"id": "UHJvamVjdA==", "entityName": "team", "isBenchmark": False, "user": None, **TIMES}
    nodes = [{"node": {**known, "name": name}} for name in server.projects]
    return {"edges": nodes, "pageInfo": {"endCursor": None, "hasNextPage": False}}


def _run(_: Server, told: dict[str, Any]) -> dict[str, Any]:
    project = {"id": "UHJvamVjdA==", "name": told["project"], "entity": TEAM}
    return {"bucket": {"id": "UnVu", "name": told["name"], "displayName": "run", "project": project}, "inserted": True}


def _artifact(_: Server, told: dict[str, Any]) -> dict[str, Any]:
    name = told["input"]["artifactCollectionName"]
    return {"artifact": {"id": name, "state": "PENDING", "artifactSequence": {"id": "U2Vx", "latestArtifact": None}}}


def _manifest(server: Server, told: dict[str, Any]) -> dict[str, Any]:
    return {"artifactManifest": {"id": "TWFu", "file": _file(server, "manifests", told.get("name") or "of")}}


def _artifact_files(server: Server, told: dict[str, Any]) -> dict[str, Any]:
    wanted = (told.get("input") or told)["artifactFiles"]
    nodes = [
        {**_file(server, each["artifactID"], each["name"]), "artifact": {"id": each["artifactID"]}} for each in wanted
    ]
    return {"files": {"edges": [{"node": node} for node in nodes]}}


def _run_files(server: Server, told: dict[str, Any]) -> dict[str, Any]:
    return {"runID": "UnVu", "uploadHeaders": [], "files": [_file(server, "run", name) for name in told["files"]]}


def _file(server: Server, owner: str, name: str) -> dict[str, Any]:
    where = {"uploadUrl": f"{server.url}/{owner}/{name}", "uploadHeaders": [], "uploadMultipartUrls": None}
    return {"id": "RmlsZQ==", "name": name, "displayName": name, "storagePath": name, **where}


ANSWERS = {
    "upsertView": _view,
    "models": _projects,
    "upsertBucket": _run,
    "createArtifactManifest": _manifest,
    "updateArtifactManifest": _manifest,
    "createArtifactFiles": _artifact_files,
    "createArtifact": _artifact,
    "createRunFiles": _run_files,
    "commitArtifact": lambda *_: {"artifact": {"id": "QXJ0", "digest": "0"}},
    "useArtifact": lambda *_: {"artifact": {"id": "QXJ0"}},
    "project": lambda server, told: {"internalId": "SW50"} if told.get("projectName") in server.projects else None,
}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def parse_request(self) -> bool:
        good = super().parse_request()
        self.server.paths.append(self.path if good else "?")
        return good

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("/file_stream"):
            self.server.streamed.append(json.loads(body))
        if not self.path.endswith("/graphql"):
            return self._reply({})
        asked = json.loads(body)
        self.server.asked.append(asked)
        return self._reply({"data": self.server.answer(asked["query"], asked.get("variables") or {})})

    def do_PUT(self) -> None:
        self.server.files[self.path.removeprefix("/")] = self._body()
        self._reply({})

    def do_GET(self) -> None:
        self._reply({})

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _reply(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


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
