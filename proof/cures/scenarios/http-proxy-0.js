// A routing proxy of http-proxy 0.x in front of the echo server.
exports.serve = function (httpProxy, listening, upstream) {
  var proxy = new httpProxy.RoutingProxy();
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    proxy.proxyWebSocketRequest(request, socket, head, { host: '127.0.0.1', port: upstream });
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
