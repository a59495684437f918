// A ws server that keeps no list of its clients and is handed each upgrade: its own listener copies from 0.4.27 on.
exports.serve = function (ws, listening) {
  var handler = new ws.Server({ noServer: true, clientTracking: false });
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    handler.handleUpgrade(request, socket, head, echo);
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};

function echo(socket) {
  socket.on('message', function (text) { socket.send(text); });
}
