// A ws server on a server of ours, from the time when there was no going without native modules.
require('./windows-parts');

exports.serve = require('./ws').serve;
