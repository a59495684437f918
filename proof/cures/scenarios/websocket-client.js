// A client of websocket 1.0, kept for as long as its connection, as by a program that connects again with it.
var path = require('path');

exports.connect = function (folder, port, opened) {
  var WebSocketClient = require(path.join(folder, 'lib/WebSocketClient'));
  var client = new WebSocketClient();
  client.on('connect', function (connection) {
    var kept = { client: client, heard: null, send: function (text) { connection.sendUTF(text); } };
    connection.on('message', function (message) { kept.heard(message.utf8Data); });
    opened(kept);
  });
  client.connect('ws://127.0.0.1:' + port + '/', null, 'http://127.0.0.1');
};
