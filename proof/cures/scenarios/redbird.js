// A redbird proxy with one route to the echo server.
var http = require('http');

exports.serve = function (redbird, listening, upstream) {
  // It keeps its server to itself; the first that listens is that of the proxy.
  var listen = http.Server.prototype.listen;
  http.Server.prototype.listen = function () {
    http.Server.prototype.listen = listen;
    this.on('listening', function () { listening(this.address().port); });
    return listen.apply(this, arguments);
  };
  redbird({ port: '0', host: '127.0.0.1', bunyan: false, logger: false, xfwd: false })
    .register('127.0.0.1', 'http://127.0.0.1:' + upstream);
};
