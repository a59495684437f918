// A fastify application whose every websocket goes to the echo server.
exports.serve = function (proxy, listening, upstream) {
  var application = require('fastify')();
  // As an authentication would: the head is read after it, when the upgrade's listener has long returned.
  application.addHook('onRequest', async function () { await new Promise(setImmediate); });
  application.register(proxy, { upstream: 'http://127.0.0.1:' + upstream, websocket: true });
  application.listen({ port: 0, host: '127.0.0.1' }, function (error) {
    if (error) throw error;
    listening(application.server.address().port);
  });
};
