// A ws server on a server of ours.
exports.serve = function (ws, listening) {
  var server = require('http').createServer();
  new ws.Server({ server: server }).on('connection', function (socket) {
    socket.on('message', function (text) { socket.send(text); });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
