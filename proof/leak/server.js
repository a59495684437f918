// A Socket.IO 0.9 server over HTTPS that takes uploads and tells its memory. Written for Node 0.8.
//
// node --expose-gc server.js {"package": FOLDER, "key": FILE, "cert": FILE, "slab": BYTES or null}
// Says {"port": N}; each line on its standard input asks for {"open": sockets, "rss": bytes}; ends when that ends.
var fs = require('fs');
var asked = JSON.parse(process.argv[2]);

// Read when the first slab is made, on the Nodes that read it at all.
if (asked.slab) require('tls').SLAB_BUFFER_SIZE = asked.slab;

var server = require('https').createServer({ key: fs.readFileSync(asked.key), cert: fs.readFileSync(asked.cert) });
var io = require(asked['package']).listen(server, { 'log level': 0, transports: ['websocket'] });

// Socket.IO answers below its own path and hands us the rest.
server.on('request', function (req, res) {
  if (req.method !== 'POST') return;
  var bytes = 0;
  req.on('data', function (chunk) { bytes += chunk.length; });
  req.on('end', function () { res.end(String(bytes)); });
});

io.sockets.on('connection', function (socket) {
  socket.on('message', function (text) { socket.send(text); });
});

server.listen(0, '127.0.0.1', function () { say({ port: server.address().port }); });

process.stdin.resume();
process.stdin.on('data', function () {
  // What a finalizer lets go of is only free after the next collection.
  gc();
  setTimeout(function () {
    gc(); gc();
    say({ open: io.sockets.clients().length, rss: process.memoryUsage().rss });
  }, 30);
});
process.stdin.on('end', function () { process.exit(); });

function say(answer) { process.stdout.write(JSON.stringify(answer) + '\n'); }
