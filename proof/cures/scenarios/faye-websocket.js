// A server that makes a faye-websocket of each upgrade.
exports.serve = function (WebSocket, listening) {
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    var client = new WebSocket(request, socket, head);
    client.on('message', function (event) { client.send(event.data); });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
