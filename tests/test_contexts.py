"""What closures keep: the cases that were measured on Node 0.8, 0.10 and 20, one by one."""

from __future__ import annotations

import pytest

from linter.about import About
from linter.contexts import captured
from linter.source import Source
from linter.upgrade import heads

KEPT = {
    "a listener mentions it": "socket.on('data', function () { use(head); });",
    "a listener that comes at the end": "socket.once('close', function () { use(head); });",
    "a neighbour of a closure that runs once": "tick(function () { use(head); }); socket.on('data', function () {});",
    "a listener made in the closure that runs once": "tick(function () { use(head); socket.on('x', () => 1); });",
    "arguments in sloppy code": "count(arguments.length); socket.on('data', function () {});",
    "arguments handed on": "other.apply(this, arguments); socket.on('data', function () {});",
    "an arrow that uses the outer arguments": "'use strict'; socket.on('data', () => arguments.length);",
    "stored in a property of this": "this.emit = function () { use(head); };",
    "stored in a property of a parameter": "req.retry = () => use(head);",
    "an interval": "setInterval(function () { use(head); }, 1);",
    "a named listener": "function onData() { use(head); } socket.on('data', onData);",
    "a listener in a variable": "var onData = function () { use(head); }; socket.on('data', onData);",
    "released only when it is not empty": "socket.on('x', function () { if (head.length) { f(head); head = null; } });",
    "released by a listener that may never run": "socket.on('data', function () { use(head); head = null; });",
    "deleted, which does nothing": "tick(function () { delete head; use(head); }); socket.on('x', () => 1);",
    "given a slice of itself": "head = head.slice(1); socket.on('data', function () { use(head); });",
    "a method of an object that mentions it": "hold({ read() { return head; } }); socket.on('x', function () {});",
}
FREE = {
    "no closure": "use(head);",
    "no closure mentions it": "use(head); socket.on('data', function () {});",
    "closures that run once": "tick(function () { use(head); });",
    "a listener that fires once": "socket.once('ready', function () { use(head); });",
    "let go of in the closure that runs once": "tick(function () { f(head); head = null; }); socket.on('x', () => 1);",
    "let go of before it returns": "tick(function () { use(head); }); socket.on('x', function () {}); head = null;",
    "let go of on both paths": "socket.on('x', function () { use(head); }); if (a) head = null; else head = undefined;",
    "copied at entry": "head = Buffer.from(head); socket.on('data', function () { use(head); });",
    "the listener is made elsewhere": "tick(function () { use(head); }); watch(socket);",
    "the listener is bound, not made": "tick(function () { use(head); }); socket.on('data', this.onData.bind(this));",
    "the listener is removed again": "function f() { use(head); } socket.on('x', f); tick(() => socket.off('x', f));",
    "arguments in strict code": "'use strict'; count(arguments.length); socket.on('data', function () {});",
    "arguments of another function": "socket.on('data', function () { count(arguments.length); });",
    "a shadowing name": "socket.on('data', function (head) { use(head); });",
    "stored in an object of the call": "var o = {}; o.f = function () { use(head); }; o.f();",
}  # fmt: skip


def keeper(body: str) -> object:
    about = About.of(Source("x.js", f"server.on('upgrade', function (req, socket, head) {{ {body} }});".encode()))
    (start,) = heads(about)
    names = about.values.scopes.at(start).names.values()
    return captured(next(b for b in names if b.declaration.start_byte == start), about)


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in KEPT.items()])
def test_kept(body: str) -> None:
    assert keeper(body) is not None


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in FREE.items()])
def test_free(body: str) -> None:
    assert keeper(body) is None
