"""Made-up packages with the upgrade head that upgrade-head-retained mends, and what must become of them."""

from __future__ import annotations

import json
from collections.abc import Mapping

LEAK = b"""\
var Manager = module.exports = function () {};

Manager.prototype.handleUpgrade = function (req, socket, head) {
  var data = this.checkRequest(req);

  req.head = head;
  this.handleClient(data, req);
};

Manager.prototype.close = function () {
  this.open = false;
};
"""
FIX = b"  delete req.head;\n"
MENDED = LEAK.replace(b"data, req);\n", b"data, req);\n" + FIX)
MOVED = b"// The same code, further down.\n\n\n" + LEAK
MOVED_MENDED = b"// The same code, further down.\n\n\n" + MENDED
CRLF = LEAK.replace(b"\n", b"\r\n")
CRLF_MENDED = MENDED.replace(b"\n", b"\r\n")
# One line of code, no line end at the end; and all that may trouble a reader of patches.
SHORT = b"M.prototype.handleUpgrade=function(req,socket,head){req.head=head;this.handleClient(1,req)};"
SHORT_MENDED = SHORT.replace(b"(1,req)}", b"(1,req);delete req.head;}")
ODD = '\ufeff"use strict"; // caf\u00e9, \u2028 ends no line\n'.encode() + SHORT
ODD_MENDED = ODD.replace(SHORT, SHORT_MENDED)
ODD_NAME = "lib/\u00fcber head.js"
INDEX = b"module.exports = require('./lib/manager');\n"
RULE = "upgrade-head-retained"

# What somebody else wants of the same package: lines of their own, in the same file.
BY_HAND = b"".join(line + b"\n" for line in [
    b"diff --git a/lib/manager.js b/lib/manager.js",
    b"--- a/lib/manager.js",
    b"+++ b/lib/manager.js",
    b"@@ -9,4 +9,5 @@",
    b" ",
    b" Manager.prototype.close = function () {",
    b"   this.open = false;",
    b"+  this.closed = true;",
    b" };",
])  # fmt: skip
BOTH = MENDED.replace(b"this.open = false;\n", b"this.open = false;\n  this.closed = true;\n")

Spec = tuple[str, str]
Files = Mapping[str, bytes]


def package(name: str, version: str, files: Files, **more: object) -> tuple[Spec, Files]:
    manifest = json.dumps({"name": name, "version": version, "main": "index.js", **more}, indent=2) + "\n"
    return (name, version), {"package.json": manifest.encode(), "index.js": INDEX, **files}


PACKAGES: Mapping[Spec, Files] = dict([
    package("leak", "1.0.0", {"lib/manager.js": LEAK}),
    package("leak", "1.1.0", {"lib/manager.js": MENDED}),  # mended by its author
    package("leak", "1.2.0", {"lib/manager.js": MOVED}),
    package("@t/leak", "1.0.0", {"lib/manager.js": LEAK}),
    package("crlf", "1.0.0", {"lib/manager.js": CRLF}),
    package("odd", "1.0.0", {"lib/manager.js": SHORT, ODD_NAME: ODD}),
    package("outer", "1.0.0", {"index.js": b"require('leak');\n"}, dependencies={"leak": "1.2.0"}),
])  # fmt: skip
