// The Socket.IO server that the other client talks to through its websocket transport.
exports.serve = function (io, listening) {
  var server = require('http').createServer();
  io.listen(server, { 'log level': 0, transports: ['websocket'] }).sockets.on('connection', function (socket) {
    socket.on('message', function (text) { socket.send(text); });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
