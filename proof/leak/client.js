// Many Socket.IO 0.9 clients over TLS in one process of a current Node: each opens a websocket, keeps it, and uploads.
//
// node client.js {"port": N, "upload": BYTES}
// Asked {"open": K}, it opens K more, each with an upload on another connection, and says {"open": how many by now}.
// Asked {"echo": TEXT}, it sends TEXT through every socket and says {"echoed": how many sent it back}.
'use strict';
const crypto = require('crypto');
const https = require('https');
const readline = require('readline');
const tls = require('tls');

const asked = JSON.parse(process.argv[2]);
const server = {
  host: '127.0.0.1', port: asked.port, rejectUnauthorized: false,
  // What a server of 2013 can speak.
  minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0', secureOptions: crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT,
};
const upload = Buffer.alloc(asked.upload, 'u');
const sockets = [];

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const question = JSON.parse(line);
  try {
    say(question.echo === undefined ? await more(question.open) : await echo(question.echo));
  } catch (error) {
    say({ error: error.message });
  }
}).on('close', () => process.exit());

async function more(count) {
  for (let i = 0; i < count; i++) {
    const session = (await request('GET', '/socket.io/1/')).split(':')[0];
    sockets.push(await websocket(`/socket.io/1/websocket/${session}`));
    const taken = await request('POST', '/upload', upload);
    if (Number(taken) !== upload.length) throw new Error(`${taken} of ${upload.length} bytes arrived`);
  }
  return { open: sockets.filter((socket) => socket.open).length };
}

async function echo(text) {
  const answers = await Promise.all(sockets.map((socket) => socket.echo(text)));
  return { echoed: answers.filter((answer) => answer === text).length };
}

function request(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { ...server, method, path, agent: false, headers: body ? { 'Content-Length': body.length } : {} };
    https.request(options, (response) => {
      let text = '';
      response.setEncoding('latin1').on('data', (chunk) => { text += chunk; }).on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${method} ${path}: status ${response.statusCode}`));
      });
    }).on('error', reject).end(body);
  });
}

// A websocket (RFC 6455) that resolves once Socket.IO has greeted it with `1::`.
function websocket(path) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(server, () => socket.write([
      `GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket',
      'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}`, '', '',
    ].join('\r\n')));
    const opened = {
      open: true,
      waiting: null,
      echo: (text) => new Promise((answer) => { opened.waiting = answer; socket.write(frame(`3:::${text}`)); }),
    };
    let bytes = Buffer.alloc(0);
    let upgraded = false;
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!upgraded) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!bytes.toString('latin1').startsWith('HTTP/1.1 101 ')) return void reject(new Error('no 101 answer'));
        upgraded = true;
        bytes = bytes.subarray(end + 4);
      }
      for (let text; (text = next()) !== null;) heard(text);
    });
    socket.on('error', reject).on('close', () => { opened.open = false; reject(new Error('the server hung up')); });

    function heard(text) {
      if (text === '1::') resolve(opened);
      else if (text === '2::') socket.write(frame('2::')); // a heartbeat, or we are dropped after a minute
      else if (text.startsWith('3:::') && opened.waiting) opened.waiting(text.slice(4));
    }

    // The next whole message among the bytes; those of this server are short and come in one frame.
    function next() {
      if (bytes.length < 2) return null;
      const length = bytes[1] & 0x7f;
      if (length > 125 || bytes.length < 2 + length) return null;
      const text = bytes.toString('utf8', 2, 2 + length);
      bytes = bytes.subarray(2 + length);
      return text;
    }
  });
}

// A text frame of at most 125 bytes, masked as a client must.
function frame(text) {
  const payload = Buffer.from(text);
  const mask = crypto.randomBytes(4);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

function say(answer) { process.stdout.write(JSON.stringify(answer) + '\n'); }
