// A server-kit server that accepts every websocket.
exports.serve = function (kit, listening) {
  // Where it takes a port it takes all that listen() does, and so an address.
  var server = new kit.Server({ port: { port: 0, host: '127.0.0.1' }, http: true, ws: true }, function (client) {
    if (client.response) client.response.accept(true);
  });
  server.wsServer.on('connection', function (socket) {
    socket.on('message', function (text) { socket.send(String(text)); });
  });
  server.httpServer.on('listening', function () { listening(server.httpServer.address().port); });
};
