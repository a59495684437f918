"""What the fixes of rules about peers change in a running Node: the same program before and after."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from linter import fix
from linter.rule import load_rules
from tests.conftest import Run


@dataclass(frozen=True)
class Case:
    """A module with one defect, a program that uses it, and what that prints (and answers) before and after."""

    rule: str
    module: str
    program: str
    before: str
    after: str
    code: int = 0  # of the program before; after it is always 0


MISSING_HEADER = Case(
    "header-deref-unguarded",
    module="""
var http = require('http');
module.exports = http.createServer(function (req, res) {
  var parts = req.headers.cookie.split(';');
  res.end(String(parts.length));
});
""",
    program="""
const server = require('./module.js'), http = require('http');
const ask = (headers, done) => http.get({ port: server.address().port, headers, agent: false }, (res) =>
  res.on('data', (text) => console.log(String(text))).on('end', done));
server.listen(0, () => ask({ cookie: 'a;b' }, () => ask({}, () => { console.log('alive'); server.close(); })));
""",
    before="2\n", after="2\n1\nalive\n", code=1,
)  # fmt: skip

UNTYPED_BUFFER = Case(
    "buffer-from-untyped-value",
    module="""
exports.authorize = function (user) { return new Buffer(user.password, 'utf8').toString('base64'); };
exports.send = function (user) { return new Buffer(user.body).toString(); };
""",
    program="""
const { authorize, send } = require('./module.js');
const attempt = (work) => { try { return work(); } catch (error) { return error.code; } };
console.log(authorize({ password: 'pass' }), send({ body: 'text' }), send({ body: [104, 105] }));
console.log(attempt(() => authorize({ password: 1000 })), attempt(() => send({ body: 1000 })).length);
""",
    before="cGFzcw== text hi\nERR_INVALID_ARG_TYPE 1000\n", after="cGFzcw== text hi\nMTAwMA== 4\n",
)  # fmt: skip

UNBOUNDED = Case(
    "zlib-no-output-limit",
    module="""
var zlib = require('zlib');
exports.open = function (data) { return zlib.gunzipSync(data); };
""",
    program="""
const zlib = require('zlib'), { open } = require('./module.js');
const bomb = zlib.gzipSync(Buffer.alloc(100e6));
console.log(String(open(zlib.gzipSync('honest'))), bomb.length < 100e3);
try { console.log(open(bomb).length); } catch (error) { console.log(error.code); }
""",
    before="honest true\n100000000\n", after="honest true\nERR_BUFFER_TOO_LARGE\n",
)  # fmt: skip

RESET = Case(
    "socket-error-unhandled",
    module="""
var net = require('net');
module.exports = net.createServer(function (socket) {
  socket.on('data', function (data) { socket.write(data); });
});
""",
    program="""
const server = require('./module.js'), net = require('net');
server.listen(0, () => {
  const client = net.connect(server.address().port, () => client.write('hello'));
  client.on('error', () => {});
  client.on('data', (data) => { console.log(String(data)); client.resetAndDestroy(); });
});
server.on('connection', (socket) => socket.on('close', () => { console.log('alive'); server.close(); }));
""",
    before="hello\n", after="hello\nalive\n", code=1,
)  # fmt: skip

EVENT_CALLED_ERROR = Case(
    "socket-error-unhandled",
    module="""
var Emitter = require('events').EventEmitter;
function Peer(name) { this.name = name; }
require('util').inherits(Peer, Emitter);
Peer.prototype.receive = function (packet) { Emitter.prototype.emit.apply(this, packet.data); };
module.exports = Peer;
""",
    program="""
const Peer = require('./module.js'), peer = new Peer('x');
peer.on('message', (text) => console.log(text));
peer.receive({ data: ['message', 'hello'] });
peer.receive({ data: ['error', 'of my making'] });
console.log('alive');
""",
    before="hello\n", after="hello\nalive\n", code=1,
)  # fmt: skip

GONE_CLIENT = Case(
    "aborted-event-only",
    module="""
var http = require('http');
module.exports = http.createServer(function (req, res) {
  req.resume();
  res.writeHead(200);
  res.write('first');
  req.on('aborted', function () { console.log('told'); });
  if (req.url === '/short') res.end(' and last');
});
""",
    program="""
const server = require('./module.js'), http = require('http');
server.on('request', (req, res) => req.url === '/long' && res.on('close', () => setImmediate(() => server.close())));
const ask = (path, done) => http.get({ port: server.address().port, path, agent: false }, done);
server.listen(0, () => ask('/short', (res) => res.resume().on('end', () => {
  console.log('answered');
  ask('/long', (long) => long.on('error', () => {}).once('data', () => long.destroy()));
})));
""",
    before="answered\n", after="answered\ntold\n",
)  # fmt: skip

LEFT_BEHIND = Case(
    "implicit-global-retention",
    module="""
exports.frame = function (length, done) {
  output = Buffer.alloc(length);
  setTimeout(function () { done(output.length); }, 5);
};
""",
    program="""
const { frame } = require('./module.js'), lengths = [];
const done = (length) => {
  lengths.push(length);
  const left = 'output' in globalThis ? globalThis.output.length : 'nothing';
  if (lengths.length === 2) console.log(lengths.join(' '), left);
};
frame(3, done);
frame(5, done);
""",
    before="5 5 5\n", after="3 5 nothing\n",
)  # fmt: skip

CASES = [
    pytest.param(MISSING_HEADER, id="a-request-without-the-header"),
    pytest.param(UNTYPED_BUFFER, id="a-number-for-a-text"),
    pytest.param(UNBOUNDED, id="100-KB-that-are-100-MB"),
    pytest.param(RESET, id="a-peer-that-resets"),
    pytest.param(EVENT_CALLED_ERROR, id="a-peer-that-names-its-event-error"),
    pytest.param(GONE_CLIENT, id="a-client-that-leaves-early"),
    pytest.param(LEFT_BEHIND, id="two-calls-and-one-global"),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_fix_changes_what_happens(case: Case, run: Run, tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None
    module, program = tmp_path / "module.js", tmp_path / "program.js"
    module.write_text(case.module, "utf8")
    program.write_text(case.program, "utf8")
    done = run(node, "--no-deprecation", program)
    assert (done.returncode, done.stdout.decode()) == (case.code, case.before), done.stderr
    rules = [rule for rule in load_rules([]) if rule.id == case.rule]
    report = fix(module, rules=rules, suggestions=True, write=True)
    assert [patch.path for patch in report.patches] == [str(module)]
    done = run(node, "--no-deprecation", program)
    assert (done.returncode, done.stdout.decode()) == (0, case.after), done.stderr
