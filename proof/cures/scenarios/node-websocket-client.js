// The websocket client that Socket.IO 0.6 to 0.9 bring along for their tests, which talks hixie-76.
var path = require('path');

exports.connect = function (folder, port, opened) {
  var WebSocket = require(path.join(folder, 'support/node-websocket-client/lib/websocket')).WebSocket;
  var socket = new WebSocket('ws://127.0.0.1:' + port + '/');
  var client = { heard: null, send: function (text) { socket.send(text); } };
  socket.addListener('message', function (text) { client.heard(String(text)); });
  socket.addListener('open', function () { opened(client); });
};
