// Early ws could not do without native modules that an install script would build. What it has instead of them on
// Windows takes their place.
var Module = require('module');
var load = Module._load;
var parts = { validation: 'ws-0.4.18/lib/ValidationWindows', bufferutil: 'ws-0.4.18/lib/BufferUtilWindows' };

Module._load = function (request, parent, main) {
  var native = /^\.\.\/build\/\w+\/(validation|bufferutil)$/.exec(request);
  return load.call(Module, native ? parts[native[1]] : request, parent, main);
};
