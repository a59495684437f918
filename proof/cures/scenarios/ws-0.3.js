// A ws server of the first releases, which could not do without a native module that scripts would build. What later
// releases have instead on Windows takes its place.
var Module = require('module');
var load = Module._load;
Module._load = function (request, parent, main) {
  if (/^\.\.\/build\/\w+\/validation$/.test(request)) request = 'ws-0.4.18/lib/ValidationWindows';
  return load.call(Module, request, parent, main);
};

exports.serve = function (ws, listening) {
  var server = new ws.Server({ port: 0 }, function () { listening(server._server.address().port); });
  server.on('connection', function (socket) {
    socket.on('message', function (text) { socket.send(text); });
  });
};
