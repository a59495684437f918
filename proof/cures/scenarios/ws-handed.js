// A ws server that is handed each upgrade by a server of ours, as the documentation shows for several on one port.
exports.serve = function (ws, listening) {
  var handler = new ws.Server({ noServer: true });
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    handler.handleUpgrade(request, socket, head, echo);
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};

function echo(socket) {
  socket.on('message', function (text) { socket.send(text); });
}
