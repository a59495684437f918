"""The places that keep a head, each with how to run its package so that this place, and no other, is what shows.

A place is a row of the labelled set: package, file, line. The idioms are those of its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Moment = Literal["open", "used"]  # after the handshake, or after a message went to and fro as well


@dataclass(frozen=True, slots=True)
class Row:
    """One place, and the connections that show it.

    `node` is a version from npm, or None for the Node on the PATH. `heads` says whose upgrades are watched: those that
    servers get or those that clients get. With `early` the head holds the client's first message (where clients are
    watched: the upstream's greeting), and otherwise nothing. `reads_head` is whether the package, as released, answers
    a message that comes in the head: then one that is mended must, too. `upstream` and `framing` are ways to talk of
    peer.js; `session` is where Socket.IO gives the last part of the path.
    """

    package: str  # NAME-VERSION, as fixtures/npm/upgrades installs it
    file: str
    line: int
    idiom: str
    scenario: str
    node: str | None = None
    heads: Literal["server", "client"] = "server"
    early: bool = False
    reads_head: bool = True
    until: Moment = "used"
    framing: str = "rfc6455"
    path: str = "/"
    text: str = "hello"
    session: str | None = None
    upstream: str | None = None

    @property
    def id(self) -> str:
        return f"{self.package}/{self.file}:{self.line}"


PROPERTY, OWN, NESTED = "property on req", "property on this", "nested object"
LISTENER, CONTEXT, ARGUMENTS = "kept listener", "shared context", "arguments"
LATER = "nulled on a later event"
ASYNC, OUTER, GUARDED = "suspended async frame", "outer closure variable", "release guarded by length"

ROWS = (
    Row(
        "socket.io-0.9.13", "lib/manager.js", 617, PROPERTY, "socket.io-0.9", node="0.8.28",
        path="/socket.io/1/websocket/", session="/socket.io/1/", text="3:::hello", reads_head=False,
    ),
    Row("@fastify/http-proxy-9.5.0", "index.js", 81, PROPERTY, "fastify-http-proxy", upstream="rfc6455"),
    Row(
        "socket.io-0.6.18", "lib/socket.io/client.js", 22, OWN, "socket.io-0.6", node="0.10.48",
        framing="hixie", path="/socket.io/websocket", text="~m~5~m~hello",
        reads_head=False,
    ),
    Row(
        "http-proxy-0.8.7", "lib/node-http-proxy/http-proxy.js", 639, NESTED, "http-proxy-0", node="0.8.28",
        upstream="rfc6455",
    ),
    Row(
        "http-proxy-1.18.1", "lib/http-proxy/passes/ws-incoming.js", 125, LISTENER, "http-proxy-1",
        heads="client", early=True, upstream="rfc6455",
    ),
    Row(
        "http-proxy-1.8.1", "lib/http-proxy/passes/ws-incoming.js", 102, LISTENER, "http-proxy-1",
        heads="client", upstream="rfc6455",
    ),
    # With bytes in it, establishConnection releases the head; the server's listener is what still keeps it.
    Row("ws-0.4.18", "lib/WebSocketServer.js", 210, CONTEXT, "ws", early=True),
    Row("ws-0.4.25", "lib/WebSocketServer.js", 213, CONTEXT, "ws", early=True),
    Row("ws-0.4.32", "lib/WebSocketServer.js", 220, CONTEXT, "ws-handed", early=True),
    Row("ws-1.1.5", "lib/WebSocketServer.js", 265, CONTEXT, "ws-handed", early=True),
    Row("faye-websocket-0.11.4", "lib/faye/websocket.js", 30, CONTEXT, "faye-websocket", until="open"),
    Row("yawl-1.0.2", "index.js", 341, CONTEXT, "yawl", reads_head=False),
    Row("redbird-0.10.0", "lib/proxy.js", 146, CONTEXT, "redbird", upstream="rfc6455"),
    Row("ws-0.3.0", "lib/WebSocketServer.js", 74, ARGUMENTS, "ws-0.3", node="0.10.48"),
    Row("server-kit-0.11.7", "lib/Server.js", 305, ARGUMENTS, "server-kit"),
    Row("http2-proxy-5.0.53", "compat.js", 69, ASYNC, "http2-proxy", upstream="rfc6455"),
    Row("http2-proxy-5.0.53", "compat.js", 33, ASYNC, "http2-proxy-callback", upstream="rfc6455"),
    Row(
        "socket.io-0.8.7", "support/node-websocket-client/lib/websocket.js", 525, OUTER, "node-websocket-client",
        node="0.10.48", heads="client", upstream="hixie",
    ),
    # With clients that are not tracked and no bytes in the head, establishConnection alone keeps it.
    Row("ws-0.4.18", "lib/WebSocket.js", 485, GUARDED, "ws-untracked"),
    Row("ws-0.4.32", "lib/WebSocket.js", 654, GUARDED, "ws-untracked"),
    Row("ws-1.1.5", "lib/WebSocket.js", 816, GUARDED, "ws-untracked"),
    Row(
        "websocket-1.0.3", "lib/WebSocketClient.js", 242, GUARDED, "websocket-client",
        heads="client", upstream="rfc6455",
    ),
    Row("ws-0.4.5", "lib/WebSocket.js", 485, LATER, "ws-0.4", until="open"),
)  # fmt: skip
