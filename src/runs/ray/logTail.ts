import { createHash, randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Of every WebSocket: RFC 6455, section 1.3. */
const handshake = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Milliseconds until the cluster has opened the WebSocket, and between two looks at whether the connection is still there. */
const openMs = 20_000;
const aliveMs = 30_000;

/**
 * Follows a job's log over a WebSocket: the whole log from its start, then what is new, about once a second, until the job has ended.
 * Resolves to whether it came to that; false where there is no WebSocket to be had, or it broke off. Written here because the one
 * that Node brings along can be neither had in Node 20 nor cut off, and Ray does not listen while it tells. Rejects with what `onText`
 * throws.
 */
export function tailLog(
  url: string,
  headers: Readonly<Record<string, string>>,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const key = randomBytes(16).toString('base64');
  const accepted = createHash('sha1').update(`${key}${handshake}`).digest('base64');
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(false);
    const request = (url.startsWith('https:') ? requestHttps : requestHttp)(url, {
      headers: { ...headers, ...upgrade },
      agent: false,
      timeout: openMs,
      signal,
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('response', () => {
      request.destroy();
      resolve(false);
    });
    request.on('upgrade', (response, socket, first) => {
      const frames = new FrameReader(onText);
      const end = (isWhole: boolean) => {
        signal.removeEventListener('abort', cut);
        socket.destroy();
        resolve(isWhole);
      };
      const cut = () => end(false);
      const take = (bytes: Uint8Array) => {
        try {
          if (frames.take(bytes)) end(frames.isWhole);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          end(false);
        }
      };
      signal.addEventListener('abort', cut, { once: true });
      if (signal.aborted || response.headers['sec-websocket-accept'] !== accepted) return cut();
      request.setTimeout(0);
      request.setSocketKeepAlive(true, aliveMs);
      socket.on('error', cut).on('end', cut).on('close', cut).on('data', take);
      take(first);
    });
    request.end();
  });
}

const textFrame = 1;
const continuationFrame = 0;
const closeFrame = 8;
const normalClosure = 1000;

/** The text in the frames that a server sends: RFC 6455, section 5.2. */
class FrameReader {
  /** After the end: whether the server closed as it does when all has been said. */
  isWhole = false;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private rest = Buffer.alloc(0);
  private opcode = 0;
  /** Bytes of the frame's payload that are still to come. */
  private left = 0;

  constructor(private readonly onText: (text: string) => void) {}

  /** Returns whether that was the end. Throws what `onText` throws. */
  take(bytes: Uint8Array): boolean {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      if (this.left === 0 && !this.openFrame()) return false;
      if (this.opcode === closeFrame && this.rest.length < Math.min(this.left, 2)) return false;
      const payload = this.rest.subarray(0, this.left);
      this.rest = this.rest.subarray(payload.length);
      this.left -= payload.length;
      if (this.opcode === closeFrame) {
        this.isWhole = payload.length >= 2 && payload.readUInt16BE(0) === normalClosure;
        return true;
      }
      if (this.opcode === textFrame || this.opcode === continuationFrame) {
        const text = this.decoder.decode(payload, { stream: true });
        if (text !== '') this.onText(text);
      }
      if (this.left > 0) return false;
    }
  }

  /** Reads a frame's head; false where it is not there yet. */
  private openFrame(): boolean {
    const { rest } = this;
    if (rest.length < 2) return false;
    const short = rest.readUInt8(1) & 0x7f;
    const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < headLength) return false;
    this.opcode = rest.readUInt8(0) & 0x0f;
    this.left = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    this.rest = rest.subarray(headLength);
    return true;
  }
}
