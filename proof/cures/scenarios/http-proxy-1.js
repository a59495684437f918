// A proxy of http-proxy 1.x in front of the echo server.
exports.serve = function (httpProxy, listening, upstream) {
  var proxy = httpProxy.createProxyServer({ target: 'ws://127.0.0.1:' + upstream, ws: true });
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) { proxy.ws(request, socket, head); });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
