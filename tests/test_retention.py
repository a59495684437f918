"""What outlives a call and still reaches a value: the cases that were measured on Node 0.8, 0.10 and 20, one by one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linter.about import About
from linter.retention.heads import Heads
from linter.source import Source
from linter.values import Values
from tests.pages import Others

KEPT = {
    "a listener mentions it": "socket.on('data', function () { use(head); });",
    "a listener that comes at the end": "socket.once('close', function () { use(head); });",
    "a listener that fires once, on what the peer may never send": "socket.once('data', function () { use(head); });",
    "a neighbour of a closure that runs once": "tick(function () { use(head); }); socket.on('data', function () {});",
    "a listener made in the closure that runs once": "tick(function () { use(head); socket.on('x', () => 1); });",
    "arguments in sloppy code": "count(arguments.length); socket.on('data', function () {});",
    "arguments handed on": "other.apply(this, arguments); socket.on('data', function () {});",
    "an arrow that uses the outer arguments": "'use strict'; socket.on('data', () => arguments.length);",
    "a list of the arguments": "var a = [].slice.call(arguments); tick(() => use(a)); socket.on('x', () => 1);",
    "eval": "eval('1'); socket.on('data', function () {});",
    "stored in a property of this": "this.emit = function () { use(head); };",
    "stored in a property of a parameter that a stranger gets": "req.retry = () => use(head); start(req);",
    "stored in a property of the socket": "socket.retry = () => use(head);",
    "an interval": "setInterval(function () { use(head); }, 1);",
    "a getter": "Object.defineProperty(socket, 'up', { get: function () { return head; } });",
    "bound to a kept listener": "socket.on('data', use.bind(null, head));",
    "a named listener": "function onData() { use(head); } socket.on('data', onData);",
    "a listener in a variable": "var onData = function () { use(head); }; socket.on('data', onData);",
    "a listener that removes itself": "function f() { use(head); socket.off('data', f); } socket.on('data', f);",
    "released only when it is not empty": "socket.on('x', function () { if (head.length) { f(head); head = null; } });",
    "released by a listener that may never run": "socket.on('data', function () { use(head); head = null; });",
    "deleted, which does nothing": "tick(function () { delete head; use(head); }); socket.on('x', () => 1);",
    "given a slice of itself": "head = head.slice(1); socket.on('data', function () { use(head); });",
    "an alias": "var h = head; socket.on('data', function () { use(h); });",
    "a slice": "var h = head.slice(2); socket.on('data', function () { use(h); });",
    "a view of its memory": "var h = Buffer.from(head.buffer, 0, 1); socket.on('data', function () { use(h); });",
    "a concat of one": "var h = Buffer.concat([head]); socket.on('data', function () { use(h); });",
    "a list": "var list = [req, head]; socket.on('data', function () { use(list); });",
    "an object": "var up = { head }; socket.on('data', function () { use(up); });",
    "an object that is stored": "socket.up = { head: head };",
    "a weak map whose key lives": "var heads = new WeakMap(); heads.set(socket, head); outer = heads;",
    "a method of an object that mentions it": "hold({ read() { return head; } }); socket.on('x', function () {});",
    "an outer variable, by an event": "socket.on('data', function (d) { last = d; }); socket.emit('data', head);",
    "a function that waits": "(async function () { use(head); await once(socket, 'close'); })();",
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
    "copied by hand": "var h = new Buffer(head.length); head.copy(h); socket.on('data', function () { use(h); });",
    "copied to a string": "var h = head.toString(); socket.on('data', function () { use(h); });",
    "copied to an array": "var h = new Uint8Array(head); socket.on('data', function () { use(h); });",
    "the listener is made elsewhere": "tick(function () { use(head); }); watch(socket);",
    "the listener is bound, not made": "tick(function () { use(head); }); socket.on('data', this.onData.bind(this));",
    "the listener is removed again": "function f() { use(head); } socket.on('x', f); tick(() => socket.off('x', f));",
    "arguments in strict code": "'use strict'; count(arguments.length); socket.on('data', function () {});",
    "arguments of another function": "socket.on('data', function () { count(arguments.length); });",
    "a shadowing name": "socket.on('data', function (head) { use(head); });",
    "stored in an object of the call": "var o = {}; o.f = function () { use(head); }; o.f();",
    "put in a list and taken out": "var list = []; list.push(head); list.shift();",
    "its length": "var n = head.length; socket.on('data', function () { use(n); });",
    "a function that waits shortly": "(async function () { await verify(req); use(head); })();",
    "a function that waits for an answer": "(async () => { await new Promise(d => db.get(req, d)); use(head); })();",
}  # fmt: skip

BEFORE = "const { once } = require('events'); var last, outer; server.on('upgrade', function (req, socket, head) { "


def keepers(code: str, others: Mapping[str, str] | None = None) -> list[str]:
    source = Source("lib/x.js", code.encode())
    heads, unit = Heads.of(About(source, Values(source), Others(others or {})))
    return [kept.keep.how for kept in heads.kept(unit)]


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in KEPT.items()])
def test_kept(body: str) -> None:
    assert keepers(BEFORE + body + " });") != []


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in FREE.items()])
def test_free(body: str) -> None:
    assert keepers(BEFORE + body + " });") == []
