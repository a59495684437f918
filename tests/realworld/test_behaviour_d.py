"""What is fixed is run before and after: prototypes stay clean, memory is cleared, nothing is shared or left open."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from linter.library import fix
from linter.rule import load_rules
from tests import npm


def answers(
    rule: str, files: dict[str, str] | Path, script: str, tmp_path: Path, *, suggestions: bool = False
) -> tuple[object, object]:
    """What the script prints as JSON, in the folder as it is and in a copy that is mended. The fix must do something.

    `files` is a folder, or what to write into one.
    """
    before, after = tmp_path / "before", tmp_path / "after"
    if isinstance(files, Path):
        shutil.copytree(files, before)
    else:
        before.mkdir()
        for name, text in files.items():
            (before / name).write_text(text)
    shutil.copytree(before, after)
    rules = [each for each in load_rules() if each.id == rule]
    assert fix(after, rules=rules, node="20", write=True, suggestions=suggestions).patches
    return _run(script, before), _run(script, after)


def _run(script: str, folder: Path) -> object:
    done = subprocess.run(["node", "-e", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


SETTER = """\
module.exports = function set(o, keys, value) {
  for (var i = 0; i < keys.length - 1; i++) {
    var key = keys[i];
    if (o[key] === undefined) o[key] = {};
    o = o[key];
  }
  o[keys[i]] = value;
};
"""


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("['__proto__', 'x']", [True, {}], [False, {}], id="proto"),
        pytest.param("['constructor', 'prototype', 'x']", [True, {}], [False, {}], id="constructor"),
        pytest.param("[['__proto__'], 'x']", [True, {}], [False, {}], id="a-list-that-reads-so"),
        pytest.param("['a', 'b']", [False, {"a": {"b": 1}}], [False, {"a": {"b": 1}}], id="any-other"),
        pytest.param("['a', 'constructor']", *[[False, {"a": {"constructor": 1}}]] * 2, id="as-the-last"),
    ],
)
def test_a_path_stays_inside_of_its_object(path: str, before: object, after: object, tmp_path: Path) -> None:
    script = f"const o = {{}}; require('./set')(o, {path}, 1); console.log(JSON.stringify([({{}}).x === 1, o]))"
    assert answers("proto-pollution-path-set", {"set.js": SETTER}, script, tmp_path) == (before, after)


def test_a_key_of_the_objects_own_is_walked_through_as_before(tmp_path: Path) -> None:
    script = """const o = JSON.parse('{"__proto__": {"a": 1}}'); require('./set')(o, ['__proto__', 'b'], 2);
        console.log(JSON.stringify(Object.getOwnPropertyDescriptor(o, '__proto__').value))"""
    kept = {"a": 1, "b": 2}
    assert answers("proto-pollution-path-set", {"set.js": SETTER}, script, tmp_path) == (kept, kept)


@pytest.mark.slow
def test_arguments_of_a_command_leave_functions_alone(tmp_path: Path) -> None:
    script = """const parsed = require('./index.js')(['--_.concat.constructor.prototype.x', '1', '--a.b', '2']);
        console.log(JSON.stringify([(function () {}).x || 0, parsed.a.b]))"""
    found = answers("proto-pollution-path-set", npm.unpacked("minimist", "1.2.5"), script, tmp_path)
    assert found == ([1, 2], [0, 2])


# Memory as it may be: what allocUnsafe gives is filled with something that somebody else left there.
DIRTY = "const given = Buffer.allocUnsafe; Buffer.allocUnsafe = (n) => given(n).fill(0xAA);\n"


def test_a_short_file_brings_no_old_memory(tmp_path: Path) -> None:
    head = """const fs = require('fs');
module.exports = function head(path) {
  const fd = fs.openSync(path), buffer = Buffer.allocUnsafe(16);
  fs.readSync(fd, buffer, 0, 16, 0);
  fs.closeSync(fd);
  return buffer;
};
"""
    script = DIRTY + "console.log(JSON.stringify(require('./head')('short').toString('hex')))"
    found = answers("alloc-unsafe-partial-fill", {"head.js": head, "short": "abc"}, script, tmp_path)
    assert found == ("616263" + "aa" * 13, "616263" + "00" * 13)


@pytest.mark.slow
def test_a_close_frame_brings_no_old_memory(tmp_path: Path) -> None:
    script = (
        DIRTY
        + """const Sender = require('./lib/sender.js');
        const sent = [], socket = { write: (data) => sent.push(data), cork() {}, uncork() {} };
        new Sender(socket).close(1000, new Float32Array(20), false);
        console.log(JSON.stringify(Buffer.concat(sent).filter((byte) => byte === 0xAA).length))"""
    )
    assert answers("alloc-unsafe-partial-fill", npm.unpacked("ws", "8.20.0"), script, tmp_path) == (60, 0)


def test_objects_have_listeners_of_their_own(tmp_path: Path) -> None:
    pool = """const EventEmitter = require('events').EventEmitter;
function Pool() { this.free = []; }
Pool.prototype = new EventEmitter();
module.exports = Pool;
"""
    script = """const Pool = require('./pool'), a = new Pool(), b = new Pool(); let heard = 0;
        a.on('x', () => heard++); b.emit('x'); a.emit('x'); a.once('y', () => heard++); a.emit('y');
        console.log(JSON.stringify([heard, b.listenerCount('x'), a instanceof require('events')]))"""
    found = answers("shared-emitter-state", {"pool.js": pool}, script, tmp_path)
    assert found == ([3, 1, True], [2, 0, True])


def test_a_broken_download_closes_its_file(tmp_path: Path) -> None:
    server = """const fs = require('fs'), http = require('http');
exports.opened = [];
exports.server = http.createServer(function (req, res) {
  const file = fs.createReadStream('large');
  exports.opened.push(file);
  file.pipe(res);
});
"""
    script = """const { server, opened } = require('./server'), http = require('http');
        require('fs').truncateSync('large', 64 << 20);
        server.listen(0, '127.0.0.1', () => http.get({ port: server.address().port, host: '127.0.0.1' }, (res) => {
          res.once('data', () => res.destroy());
        }));
        server.on('connection', (socket) => socket.on('close', () => setTimeout(() => {
          process.stdout.write(JSON.stringify(opened.map((file) => file.destroyed)), () => process.exit());
        }, 200)));"""
    found = answers("pipe-to-response-no-teardown", {"server.js": server, "large": ""}, script, tmp_path)
    assert found == ([False], [True])


def test_a_signal_is_left_as_it_was_found(tmp_path: Path) -> None:
    work = """module.exports = async function work(job, signal) {
  const stop = () => job.stop();
  signal.addEventListener('abort', stop, { once: true });
  await job.run();
  return job.result;
};
"""
    script = """const { getEventListeners } = require('events'), work = require('./work');
        const { signal } = new AbortController(), job = { run: async () => {}, result: 1 };
        (async () => { for (let i = 0; i < 5; i++) await work(job, signal);
          console.log(JSON.stringify(getEventListeners(signal, 'abort').length)); })()"""
    found = answers("abort-listener-not-removed", {"work.js": work}, script, tmp_path, suggestions=True)
    assert found == (5, 0)
