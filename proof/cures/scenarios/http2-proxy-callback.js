// The same with a callback, as its first versions wanted it.
exports.serve = function (proxy, listening, upstream) {
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    proxy.ws(request, socket, head, { hostname: '127.0.0.1', port: upstream }, ended);
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};

function ended() {}
