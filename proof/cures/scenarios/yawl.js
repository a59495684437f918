// A yawl server on a server of ours.
exports.serve = function (yawl, listening) {
  var server = require('http').createServer();
  yawl.createServer({ server: server, origin: null, allowTextMessages: true }).on('connection', function (client) {
    client.on('textMessage', function (text) { client.sendText(text); });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
