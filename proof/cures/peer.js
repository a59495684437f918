// The other end, in one process of a current Node: raw websocket clients of a package's server, or the server behind it.
//
// Asked {"upstream": {"framing": ..., "greets": TEXT or null}}, it listens as an echo server and says {"port": N}.
// Asked {"open": K, "to": {"port", "framing", "path", "text", "session", "early", "greeting"}}, it opens K more
// connections and keeps them, says {"open": how many there are}. With `early`, the first message comes right behind the
// request, so that the head is not empty, and must have come back; a `greeting` must have come by itself. Asked {"echo": true}, it sends the text through every
// connection and says {"echoed": how many sent it back}.
'use strict';
const crypto = require('crypto');
const http = require('http');
const net = require('net');
const readline = require('readline');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const PATIENCE = 10000; // ms
const connections = [];

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const question = JSON.parse(line);
  try {
    if (question.upstream) say({ port: await upstream(question.upstream) });
    else if (question.open) say(await open(question.open, question.to));
    else say({ echoed: (await Promise.all(connections.map((c) => c.echo()))).length });
  } catch (error) {
    say({ error: error.message });
  }
}).on('close', () => process.exit());

async function open(count, to) {
  await Promise.all(Array.from({ length: count }, async () => connections.push(await connected(to))));
  return { open: connections.length };
}

async function connected(to) {
  const framing = FRAMINGS[to.framing];
  const path = to.session ? `${to.path}${await session(to)}` : to.path;
  const socket = net.connect(to.port, '127.0.0.1');
  const { message, heard } = talk(socket, framing, false);
  const waiting = new Map();
  heard((text) => { if (waiting.has(text)) waiting.get(text)(); });
  const comes = (text, what) => new Promise((resolve, reject) => {
    waiting.set(text, resolve);
    socket.once('close', () => reject(new Error(`the package hung up before ${what}`)));
    setTimeout(reject, PATIENCE, new Error(`${what} did not come in ${PATIENCE / 1000} s`)).unref();
  });
  const greeting = to.greeting ? comes(to.greeting, 'the greeting from behind it') : null;
  const early = to.early ? comes(to.text, 'the echo of the message in the head') : null;
  const request = Buffer.from(framing.request(path, to.port), 'latin1');
  socket.write(to.early ? Buffer.concat([request, message(to.text)]) : request);
  await answered(socket);
  await Promise.all([greeting, early]);
  return {
    echo() {
      const echoed = comes(to.text, 'the echo');
      socket.write(message(to.text));
      return echoed;
    },
  };
}

// Reads what comes: headers once, then messages. Says when the headers are there by the event `headers`.
function talk(socket, framing, server) {
  let bytes = Buffer.alloc(0);
  let headers = null;
  let hear = () => {};
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (headers === null) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      headers = bytes.toString('latin1', 0, end);
      const body = server ? framing.body : 0;
      if (bytes.length < end + 4 + body) return void (headers = null);
      socket.emit('headers', headers, bytes.subarray(end + 4, end + 4 + body));
      bytes = bytes.subarray(end + 4 + body);
    }
    for (let next; (next = framing.read(bytes)) !== null;) {
      bytes = bytes.subarray(next.length);
      if (next.text !== undefined) hear(next.text);
    }
  });
  socket.on('error', () => {}); // it ends in `close`, which is what is waited for
  return { message: (text) => framing.write(text, !server), heard: (f) => { hear = f; } };
}

function answered(socket) {
  return new Promise((resolve, reject) => {
    socket.once('headers', (headers) => {
      if (headers.startsWith('HTTP/1.1 101 ')) resolve();
      else reject(new Error(`the package answered ${headers.split('\r\n')[0]}`));
    });
    socket.once('close', () => reject(new Error('the package hung up in the handshake')));
    setTimeout(reject, PATIENCE, new Error(`no handshake in ${PATIENCE / 1000} s`)).unref();
  });
}

// What Socket.IO 0.9 wants first: a request whose answer begins with the session's name.
function session(to) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: to.port, path: to.session, agent: false }, (response) => {
      let text = '';
      response.setEncoding('latin1').on('data', (c) => { text += c; }).on('end', () => resolve(text.split(':')[0]));
    }).on('error', reject);
  });
}

function upstream({ framing, greets }) {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      const { message, heard } = talk(socket, FRAMINGS[framing], true);
      heard((text) => socket.write(message(text)));
      socket.once('headers', (headers, body) => {
        const answer = Buffer.from(FRAMINGS[framing].answer(headers, body), 'latin1');
        socket.write(greets ? Buffer.concat([answer, message(greets)]) : answer);
      });
    });
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

const header = (headers, name) => new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(headers)[1];
const lines = (...all) => [...all, '', ''].join('\r\n');

const FRAMINGS = {
  // RFC 6455; messages here are below 126 bytes and come in one frame.
  rfc6455: {
    body: 0,
    request: (path, port) => lines(
      `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket',
      'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}`,
    ),
    answer: (headers) => lines(
      'HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Accept: ' +
      crypto.createHash('sha1').update(header(headers, 'Sec-WebSocket-Key') + GUID).digest('base64'),
    ),
    write(text, masked) {
      const payload = Buffer.from(text);
      const mask = masked ? crypto.randomBytes(4) : Buffer.alloc(0);
      const start = Buffer.from([0x81, payload.length | (masked ? 0x80 : 0)]);
      return Buffer.concat([start, mask, masked ? payload.map((byte, i) => byte ^ mask[i % 4]) : payload]);
    },
    read(bytes) {
      if (bytes.length < 2) return null;
      const mask = bytes[1] & 0x80 ? 4 : 0;
      const length = 2 + mask + (bytes[1] & 0x7f);
      if (bytes.length < length) return null;
      const payload = bytes.subarray(2 + mask, length).map((byte, i) => (mask ? byte ^ bytes[2 + (i % 4)] : byte));
      return { length, text: (bytes[0] & 0x0f) === 1 ? Buffer.from(payload).toString() : undefined };
    },
  },
  // The drafts before it, hixie-75 as a client and hixie-76 as a server: text between 0x00 and 0xFF.
  hixie: {
    body: 8,
    request: (path, port) => lines(
      `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: WebSocket',
      'Origin: http://127.0.0.1',
    ),
    answer(headers, challenge) {
      const proof = crypto.createHash('md5');
      for (const name of ['Sec-WebSocket-Key1', 'Sec-WebSocket-Key2']) {
        const key = header(headers, name);
        const number = Buffer.alloc(4);
        number.writeUInt32BE(Number(key.replace(/\D/g, '')) / key.replace(/[^ ]/g, '').length);
        proof.update(number);
      }
      return lines(
        'HTTP/1.1 101 WebSocket Protocol Handshake', 'Upgrade: WebSocket', 'Connection: Upgrade',
        'Sec-WebSocket-Origin: http://127.0.0.1', 'Sec-WebSocket-Location: ws://127.0.0.1/',
      ) + proof.update(challenge).digest('latin1');
    },
    write: (text) => Buffer.concat([Buffer.from([0]), Buffer.from(text), Buffer.from([0xff])]),
    read(bytes) {
      const start = bytes.indexOf(0);
      const end = bytes.indexOf(0xff, start);
      return start < 0 || end < 0 ? null : { length: end + 1, text: bytes.toString('utf8', start + 1, end) };
    },
  },
};

function say(answer) { process.stdout.write(JSON.stringify(answer) + '\n'); }
