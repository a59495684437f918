// A server of the first Socket.IO; its framing is part of the text that the other end sends.
exports.serve = function (io, listening) {
  var server = require('http').createServer();
  io.listen(server, { log: function () {}, transports: ['websocket'] }).on('connection', function (client) {
    client.on('message', function (text) { client.send(text); });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
