"""What outlives a call and still reaches a value: the cases that were measured on Node 0.8, 0.10 and 20, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.about import About
from linter.dialect import dialect_of
from linter.retention.heads import Heads
from linter.source import BudgetExceededError, Source
from linter.values import Values
from tests.conftest import Run
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


def keepers(code: str, others: Mapping[str, str] | None = None, path: str = "lib/x.js") -> list[str]:
    source = Source(path, code.encode(), dialect_of(path))
    heads, unit = Heads.of(About(source, Values(source), Others(others or {})))
    return [kept.keep.how for kept in heads.kept(unit)]


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in KEPT.items()])
def test_kept(body: str) -> None:
    assert keepers(BEFORE + body + " });") != []


@pytest.mark.parametrize("body", [pytest.param(code, id=why) for why, code in FREE.items()])
def test_free(body: str) -> None:
    assert keepers(BEFORE + body + " });") == []


LISTENS = "two.on('data', function () { use(three); });"
# Each case: the file that is asked about, and another file of the package, by which the head gets there.
ACROSS = {
    "a function of another file": (
        f"module.exports = function (one, two, three) {{ {LISTENS} }};",
        "const up = require('./x'); server.on('upgrade', function (q, s, h) { up(q, s, h); });",
    ),
    "a listener by reference": (
        f"exports.up = function (one, two, three) {{ {LISTENS} }};",
        "const x = require('./x'); server.on('upgrade', x.up);",
    ),
    "a bound method": (
        f"function Hub() {{}}\nHub.prototype.up = function (one, two, three) {{ {LISTENS} }};\nmodule.exports = Hub;",
        "const Hub = require('./x'); const hub = new Hub(); server.on('upgrade', hub.up.bind(hub));",
    ),
    "a constructor": (
        f"class Link {{ constructor(one, two, three) {{ {LISTENS} }} }}\nmodule.exports = Link;",
        "const Link = require('./x.js'); server.on('upgrade', (q, s, h) => { new Link(q, s, h); });",
    ),
    "all arguments": (
        f"exports.up = function (one, two, three) {{ {LISTENS} }};",
        "const x = require('./x'); server.on('upgrade', function () { x.up.apply(x, arguments); });",
    ),
    "spread": (
        f"exports.up = function (one, two, three) {{ {LISTENS} }};",
        "const x = require('./x'); server.on('upgrade', (...all) => x.up(...all));",
    ),
    "call": (
        f"exports.up = function (one, two, three) {{ {LISTENS} }};",
        "const x = require('./x'); server.on('upgrade', function (q, s, h) { x.up.call(this, q, s, h); });",
    ),
    "a part of an object": (
        f"exports.up = function ({{ two, three }}) {{ {LISTENS} }};",
        "const x = require('./x'); server.on('upgrade', (one, two, three) => x.up({ one, two, three }));",
    ),
    "a callback that the other file calls": (
        f"require('./y')(function (one, two, three) {{ {LISTENS} }});",
        "module.exports = function (cb) { server.on('upgrade', (q, s, h) => cb(q, s, h)); };",
    ),
    "an event of an emitter": (
        f"const hub = require('./y'); hub.on('up', function (two, three) {{ {LISTENS} }});",
        "const hub = module.exports = new (require('events'))();"
        " server.on('upgrade', (q, s, h) => { hub.emit('up', s, h); });",
    ),
}
# The same listener as compilers and minifiers leave it.
COMPILED = {
    "TypeScript": ("lib/x.ts", "server.on('upgrade', (req: Request, socket: Duplex, head: Buffer): void => {"
                               " socket.on('data', (chunk: Buffer) => { use(head as Uint8Array, chunk!); }); });"),
    "a parameter property of TypeScript": (
        "lib/x.ts", "class Link { constructor(private socket: Duplex, private head: Buffer) { socket.link = this; } }"
                    " server.on('upgrade', (req, socket, head) => { new Link(socket, head); });"),
    "Babel's interop": (
        "lib/x.js", "'use strict'; var _http = _interopRequireDefault(require('http'));"
                    " var server = _http['default'].createServer(); server.on('upgrade', function (req, socket, head) {"
                    " socket.on('data', function (chunk) { return (0, _use['default'])(head, chunk); }); });"),
    "Babel's classes": (
        "lib/x.js", "var Hub = (function () { function Hub() { _classCallCheck(this, Hub); }"
                    " _createClass(Hub, [{ key: 'up', value: function up(req, socket, head) { socket.on('data',"
                    " function () { use(head); }); } }]); return Hub; })();"
                    " var hub = new Hub(); server.on('upgrade', function (q, s, h) { hub.up(q, s, h); });"),
    "minified": (
        "lib/x.js", '!function(e,t){"use strict";function n(e,t,n){t.on("data",function(e){r(n,e)})}var r=t;'
                    'e.on("upgrade",function(e,t,r){n(e,t,r)})}(server,use);'),
    "minified, in a sequence": (
        "lib/x.js", 'server.on("upgrade",((e,t,n)=>(t.setNoDelay(!0),t.on("data",(()=>u(n))),void 0)));'),
}  # fmt: skip


@pytest.mark.parametrize(("code", "other"), ACROSS.values(), ids=ACROSS)
def test_kept_across_files(code: str, other: str) -> None:
    assert keepers(code) == []
    assert keepers(code, {"lib/y.js": other, "lib/x.js": code}) != []


@pytest.mark.parametrize(("path", "code"), COMPILED.values(), ids=COMPILED)
def test_kept_in_what_compilers_leave(path: str, code: str) -> None:
    assert keepers(code, path=path) != []


def test_calls_in_a_circle_end() -> None:
    a = "const b = require('./y'); exports.up = function (req, socket, head) { b.up(head, socket, req); };"
    b = "const a = require('./x'); exports.up = function (head, socket, req) { a.up(req, socket, head); };"
    entry = " server.on('upgrade', exports.up);"
    assert keepers(a + entry, {"lib/y.js": b, "lib/x.js": a + entry}) == []


def test_what_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linter.retention.flow._SECONDS", -1.0)
    with pytest.raises(BudgetExceededError):
        keepers(BEFORE + "socket.on('data', () => head); });")


def test_a_word_of_two_megabytes_holds_nothing_up(nodemend: Run, tmp_path: Path) -> None:
    """Bundles hold such. A search that tried each of its letters would not end within the time that a command has."""
    (tmp_path / "a.js").write_text(f"var data = '{'a' * (2 << 20)}';\n{BEFORE}socket.on('data', () => head); }});\n")
    done = nodemend("check", "--node", "0.10", "a.js", cwd=tmp_path)
    assert (done.returncode, b"a.js:2:" in done.stdout) == (1, True)
