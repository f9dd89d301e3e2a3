// Evaluates, inside the extension host, the functions that test/e2e/harness/extensionHost.ts sends over a Unix socket.
// One request a connection: {"source","args"} until the client half-closes; the reply is {"value"} or {"error"}.
const { renameSync, rmSync, writeFileSync } = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const vscode = require('vscode');

async function evaluate(request) {
  try {
    const { source, args } = JSON.parse(request);
    return { value: await new Function(`return (${source})`)()(vscode, ...args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Names and addresses other than this machine's that sockets of this process, TLS or not, were asked to connect to. */
function recordConnections() {
  const hosts = new Set();
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function recordingConnect(...args) {
    this.once('lookup', (_error, _address, _family, host) => hosts.add(host));
    this.on('connectionAttempt', (address) => hosts.add(address));
    return connect.apply(this, args);
  };
  return () => [...hosts].filter((host) => !/^(localhost$|127\.|::1$|::ffff:127\.)/.test(host));
}

function activate(context) {
  const folder = process.env.OTB_PROBE_FOLDER;
  if (folder === undefined) throw new Error('OTB_PROBE_FOLDER must name the folder where the tests look for this probe');
  globalThis.otbOutsideConnections = recordConnections();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let request = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (request += chunk));
    socket.on('error', () => undefined);
    socket.on('end', async () => socket.end(JSON.stringify(await evaluate(request))));
  });
  const socketPath = path.join(folder, `${process.pid}.sock`);
  const announcement = path.join(folder, `${process.pid}.json`);
  server.listen(socketPath, () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? null;
    writeFileSync(`${announcement}.part`, JSON.stringify({ pid: process.pid, workspace }));
    renameSync(`${announcement}.part`, announcement);
  });
  context.subscriptions.push({
    dispose() {
      server.close();
      rmSync(announcement, { force: true });
    },
  });
}

module.exports = { activate };
