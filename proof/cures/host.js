// One package on the Node that runs this, and a watch over the upgrade heads that it gets. Written for Node 0.8.
//
// node --expose-gc host.js {"package": FOLDER, "scenario": FILE, "heads": "server" or "client", "upstream": PORT}
// Says {"port": N} (0 when the package is a client). Asked {"watch": true}, it hands each head from then on to the
// package as a view of memory of its own; asked {"held": true}, it collects garbage and says {"held": how many of
// these memories are still there, "heads": how many there were}. A scenario where the package is a client is also
// asked {"open": K} and {"echo": TEXT}, and answers like peer.js.
var http = require('http');
var asked = JSON.parse(process.argv[2]);
var scenario = require(asked.scenario);
var watching = false;

// On a Node with WeakRef each memory is asked for; on an older one the resident memory tells how many are left.
var weak = typeof WeakRef === 'function';
var SIZE = weak ? 1 << 16 : 4 << 20; // bytes; more than any pool of small buffers holds
var memories = [];
var heads = 0;
var before = 0;

intercept(asked.heads === 'server' ? http.Server.prototype : http.ClientRequest.prototype);

function intercept(prototype) {
  var emit = prototype.emit;
  // No closure is made in here, and `arguments` not used where there is a head: the watch itself must keep nothing.
  prototype.emit = function (type, message, socket, head) {
    'use strict';
    if (type !== 'upgrade' || !watching) return emit.apply(this, arguments);
    return emit.call(this, type, message, socket, apart(head));
  };
}

// The same bytes as a view of memory that nobody else uses.
function apart(head) {
  heads++;
  var memory = weak ? new ArrayBuffer(SIZE) : new Buffer(SIZE);
  if (weak) memories.push(new WeakRef(memory));
  else memory.fill(1); // so that it is resident
  var view = weak ? Buffer.from(memory, 0, head.length) : memory.slice(0, head.length);
  head.copy(view, 0);
  return view;
}

function held() {
  if (!weak) return Math.max(0, Math.round((process.memoryUsage().rss - before) / SIZE));
  return memories.filter(function (memory) { return memory.deref() !== undefined; }).length;
}

// Memory is free when it is seen to be; that it is held can only be said after a while.
function settle(tries, done) {
  setTimeout(function () {
    gc();
    gc();
    if (held() === 0 || tries === 0) done(held());
    else settle(tries - 1, done);
  }, 25);
}

function answer(question) {
  if (question.watch) {
    settle(5, function () {
      before = process.memoryUsage().rss;
      watching = true;
      say({ watching: true });
    });
  } else if (question.held) {
    settle(25, function (count) { say({ held: count, heads: heads }); });
  } else if (question.open) {
    open(question.open);
  } else {
    echo(question.echo);
  }
}

// Where the package is a client: what it has opened, and what they hear.
var clients = [];

function open(count) {
  if (!count) return say({ open: clients.length });
  scenario.connect(asked['package'], asked.upstream, function (client) {
    clients.push(client);
    open(count - 1);
  });
}

function echo(text) {
  var echoed = 0;
  clients.forEach(function (client) {
    client.heard = function (back) {
      if (back === text && ++echoed === clients.length) say({ echoed: echoed });
    };
    client.send(text);
  });
}

var buffered = '';
process.stdin.setEncoding('utf8');
process.stdin.resume();
process.stdin.on('data', function (text) {
  var lines = (buffered + text).split('\n');
  buffered = lines.pop();
  lines.forEach(function (line) { answer(JSON.parse(line)); });
});
process.stdin.on('end', function () { process.exit(); });

if (scenario.serve) scenario.serve(require(asked['package']), function (port) { say({ port: port }); }, asked.upstream);
else say({ port: 0 });

function say(what) { process.stdout.write(JSON.stringify(what) + '\n'); }
