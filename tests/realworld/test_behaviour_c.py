"""What the fixes do to running code: each package, or a few lines, run in Node as it was and as it is mended."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from linter.library import fix
from linter.rule import load_rules
from tests import npm

# Node finds the same in a text of n blanks in n steps or in n²/2: at 16 KiB that is a factor of thousands, and what
# else the machine does disturbs both.
MUCH = 20.0
TIMED = """
const time = (run) => { const begun = process.hrtime.bigint(); run(); return Number(process.hrtime.bigint() - begun) };
const blanks = ' '.repeat(1 << 14);
"""
QUICK = ["a, b", " a ,b ", "", " , ,", "a\t, b\n", ",", "a  ,  , b  c ,", "\u00a0a\ufeff ,\u3000", "x \n y \n\n z  "]


def run(folder: Path, script: str, *options: str) -> object:
    """What the script prints as JSON, run in the folder."""
    done = subprocess.run(
        ["node", *options, "-e", script], cwd=folder, capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout)


def both(original: Path, rule: str, scratch: Path, *, suggestions: bool = False) -> tuple[Path, Path]:
    """The folder as it was and a copy that the rule has mended."""
    mended = scratch / "mended"
    shutil.copytree(original, mended)
    rules = [each for each in load_rules() if each.id == rule]
    assert fix(mended, rules=rules, node=">=12", suggestions=suggestions, write=True).patches
    return original, mended


def written(scratch: Path, code: str) -> Path:
    folder = scratch / "original"
    folder.mkdir()
    (folder / "index.js").write_text(code, "utf8")
    return folder


@pytest.mark.parametrize(
    ("package", "version", "rule", "slow", "quick"),
    [
        pytest.param(
            "trim", "0.0.1", "redos-trailing-trim",
            "require('./')('a' + blanks + 'a')", "(s) => require('./').right(s) + '|' + require('./')(s)", id="trim",
        ),
        pytest.param(
            "word-wrap", "1.2.3", "redos-trailing-trim",
            "require('./')('a', {newline: blanks + 'b', indent: blanks + 'a', trim: true})",
            "(s) => require('./')(s, {width: 4, trim: true})", id="word-wrap",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "fresh", "0.5.0", "redos-separator-split",
            "require('./')({'if-none-match': 'a' + blanks + 'b'}, {etag: 'x'})",
            "(s) => ['a', 'b', 'a, b', s].map((etag) => require('./')({'if-none-match': s}, {etag}))", id="fresh",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "forwarded", "0.1.0", "redos-separator-split",
            "require('./')({headers: {'x-forwarded-for': 'a' + blanks + 'b'}, connection: {}})",
            "(s) => require('./')({headers: {'x-forwarded-for': s}, connection: {}})", id="forwarded",
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_hostile_blanks_take_a_fraction_of_the_time(
    package: str, version: str, rule: str, slow: str, quick: str, tmp_path: Path
) -> None:
    before, after = both(npm.unpacked(package, version), rule, tmp_path)
    loaded = slow.replace("blanks", "' '")  # once in vain, so that what is timed is not the loading
    script = f"{TIMED} {loaded}; console.log(time(() => {{ {slow} }}))"
    was, now = run(before, script), run(after, script)
    assert isinstance(was, int)
    assert isinstance(now, int)
    assert was > MUCH * now
    given = f"console.log(JSON.stringify({json.dumps(QUICK)}.map({quick})))"
    assert run(before, given) == run(after, given)


def test_a_removed_listener_is_gone(tmp_path: Path) -> None:
    code = """
const { EventEmitter } = require('events');
const pooled = new EventEmitter();
let ended = 0;
function onEnd() { if (this === pooled) ended++; }
function request(socket) {
  socket.on('end', onEnd.bind(socket));
  return () => socket.removeListener('end', onEnd);
}
const leftovers = [];
for (let i = 0; i < 5; i++) {
  const done = request(pooled);
  pooled.emit('end');
  done();
  leftovers.push(pooled.listenerCount('end'));
}
console.log(JSON.stringify({ leftovers, ended }));
"""
    before, after = both(written(tmp_path, code), "listener-identity-mismatch", tmp_path)
    assert run(before, "require('./')") == {"leftovers": [1, 2, 3, 4, 5], "ended": 15}
    assert run(after, "require('./')") == {"leftovers": [0, 0, 0, 0, 0], "ended": 5}


def test_closing_stops_every_timer(tmp_path: Path) -> None:
    code = """
class Client {
  constructor() { this.connect(); }
  connect() { this.pinger = setInterval(() => this.ping(), 1000); }
  ping() {}
  onClose() { setImmediate(() => {}); [1, 2, 3].forEach(() => this.connect()); }
  close() { clearInterval(this.pinger); }
}
const client = new Client();
client.onClose();
client.close();
console.log(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
process.exit();
"""
    before, after = both(written(tmp_path, code), "timer-handle-overwritten", tmp_path)
    assert (run(before, "require('./')"), run(after, "require('./')")) == (3, 0)


def test_what_left_leaves_no_entry(tmp_path: Path) -> None:
    before, after = both(npm.unpacked("socket.io-adapter", "1.1.1"), "delete-helper-recreates-entry", tmp_path)
    script = """
const adapter = new (require('./'))({ server: {} });
for (let i = 0; i < 1000; i++) adapter.del('socket' + i, 'room');
adapter.add('here', 'a'); adapter.add('here', 'b'); adapter.del('here', 'a');
console.log(JSON.stringify([Object.keys(adapter.sids).length, adapter.sids.here, Object.keys(adapter.rooms)]));
"""
    assert run(before, script) == [1001, {"b": True}, ["b"]]
    assert run(after, script) == [1, {"b": True}, ["b"]]


def test_what_was_taken_can_be_collected(tmp_path: Path) -> None:
    before, after = both(npm.unpacked("redis", "1.0.0"), "queue-slot-not-released", tmp_path)
    script = """
const queue = new (require('./lib/queue'))();
const taken = [];
for (let i = 0; i <= 1000; i++) queue.push({ i });
(function () {
  for (let i = 0; i < 1000; i++) {
    const item = queue.shift();
    if (item.i !== i) throw new Error('order');
    taken.push(new WeakRef(item));
  }
})();
setTimeout(() => {
  gc();
  console.log(JSON.stringify([taken.filter((ref) => ref.deref()).length, queue.length, queue.shift().i]));
}, 1);
"""
    was, now = run(before, script, "--expose-gc"), run(after, script, "--expose-gc")
    assert was == [1000, 1, 1000]
    assert isinstance(now, list)
    assert now[0] <= 1  # the last one may still be on the stack
    assert now[1:] == [1, 1000]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["resolve('x')", "reject(new Error('x'))"])
def test_a_promise_that_is_settled_leaves_no_timer(how: str, tmp_path: Path) -> None:
    before, after = both(npm.unpacked("q", "0.8.5"), "timeout-timer-not-cleared", tmp_path)
    script = f"""
const Q = require('./q');
const told = (value) => setImmediate(() => {{
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  console.log(JSON.stringify([timers, String(value)]));
  process.exit();
}});
Q.timeout(Q.{how}, 60000).then(told, told);
"""
    was, now = run(before, script), run(after, script)
    assert isinstance(was, list)
    assert isinstance(now, list)
    assert (was[0], now[0]) == (1, 0)
    assert was[1] == now[1]


def test_a_race_that_is_over_leaves_no_timer(tmp_path: Path) -> None:
    code = """
function within(promise, ms) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error('late')), ms))]);
}
async function told() {
  const first = await within(Promise.resolve('x'), 60000);
  const second = await within(Promise.reject(new Error('y')), 60000).catch(String);
  const third = await within(new Promise(() => {}), 1).catch(String);
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  console.log(JSON.stringify([first, second, third, timers]));
  process.exit();
}
told();
"""
    before, after = both(written(tmp_path, code), "timeout-timer-not-cleared", tmp_path)
    assert run(before, "require('./')") == ["x", "Error: y", "Error: late", 2]
    assert run(after, "require('./')") == ["x", "Error: y", "Error: late", 0]
