// A proxy of http2-proxy in front of the echo server; the promise it returns lasts as long as the connection.
exports.serve = function (proxy, listening, upstream) {
  var server = require('http').createServer();
  server.on('upgrade', function (request, socket, head) {
    proxy.ws(request, socket, head, { hostname: '127.0.0.1', port: upstream }).catch(function () {});
  });
  server.listen(0, '127.0.0.1', function () { listening(server.address().port); });
};
