// A ws server of the first releases, which make their own HTTP server.
require('./windows-parts');

exports.serve = function (ws, listening) {
  var server = new ws.Server({ port: 0 }, function () { listening(server._server.address().port); });
  server.on('connection', function (socket) {
    socket.on('message', function (text) { socket.send(text); });
  });
};
