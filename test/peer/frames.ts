import { shown } from './script.ts';

/**
 * What a server sent, cut into frames and written as lines, with everything replaced that differs from server to
 * server and run to run: ids, versions, ports, nonces, times. Where that changes a message, its sizes are left out.
 */
export class FrameReader {
  #rest = Buffer.alloc(0);
  readonly #showsPings: boolean;

  constructor(showsPings: boolean) {
    this.#showsPings = showsPings;
  }

  /** Lines of the frames that are complete now. */
  take(bytes: Buffer): string[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const lines: string[] = [];
    for (let end = this.#frameEnd(); end > 0; end = this.#frameEnd()) {
      const frame = this.#rest.latin1Slice(0, end);
      this.#rest = this.#rest.subarray(end);
      if (frame === 'PING\r\n' && !this.#showsPings) continue;
      lines.push(...linesOf(frame));
    }
    return lines;
  }

  /** What is left when nothing more comes. */
  finish(): string[] {
    const rest = this.#rest.latin1Slice();
    this.#rest = Buffer.alloc(0);
    return rest === '' ? [] : [`${shown(rest)}\\`];
  }

  #frameEnd(): number {
    const lineEnd = this.#rest.indexOf('\r\n') + 2;
    if (lineEnd < 2) return 0;
    const size = /^H?MSG .* (\d+)$/.exec(this.#rest.latin1Slice(0, lineEnd - 2))?.[1];
    if (size === undefined) return lineEnd;
    const end = lineEnd + Number(size) + 2;
    return end <= this.#rest.length ? end : 0;
  }
}

function linesOf(received: string): string[] {
  // The real server's answers to CONSUMER.RESET have an empty reply subject where others have none.
  const frame = received.replace(/^(MSG \S+ \S+) {2}/, '$1 ');
  if (frame.startsWith('INFO ')) return [infoLine(frame)];
  const normal = normalised(frame);
  const text = normal === frame && !frame.includes(IDENTITY) ? frame : withoutSizes(normal);
  return text.slice(0, -2).split('\r\n').map(shown);
}

/** Keys that only one of the two servers has (docs/differences.md): they are not compared. */
const ONLY_ONE_HAS: ReadonlySet<string> = new Set(['git_commit', 'xkey', 'bulkhead']);
const VOLATILE: ReadonlySet<string> = new Set([
  'server_id',
  'server_name',
  'version',
  'go',
  'host',
  'port',
  'client_id',
  'nonce',
]);

function infoLine(frame: string): string {
  const info: unknown = JSON.parse(frame.slice('INFO '.length));
  const entries = Object.entries(info as Record<string, unknown>)
    .filter(([key]) => !ONLY_ONE_HAS.has(key))
    .map(([key, value]) => `${key}:${VOLATILE.has(key) ? '…' : JSON.stringify(value)}`);
  return `INFO ${entries.join(' ')}`;
}

/** What services are told of those who ask; Bulkhead leaves round trip and server out (docs/differences.md). */
const IDENTITY = 'Nats-Request-Info: ';

const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d))"/g, '"<time>"'],
  [/(Nats-Time-Stamp: )\S+/g, '$1<time>'],
  [/(\$JS\.ACK\.[^.\s]+\.[^.\s]+\.\d+\.\d+\.\d+\.)\d{19}(\.\d+)/g, '$1<ns>$2'],
  [/_R_\.\w+\.\w+/g, '_R_.<reply>'],
  [/(\$JS\.FC\.[^.\s]+\.[^.\s]+\.)\w{4}/g, '$1<flow>'],
  [/(Nats-Pin-Id: |"pinned(?:_client)?_id":")\w{22}/g, '$1<pin>'],
  [/"id":"\w{22}"/g, '"id":"…"'],
  [/"(ack_time|pause_remaining)":\d+/g, '"$1":"…"'],
  [/(Nats-Request-Info: \{[^\r]*?),"rtt":\d+/g, '$1'],
  [/(Nats-Request-Info: \{[^\r]*?),"server":"[^"]*"/g, '$1'],
  [/(Nats-Request-Info: \{[^\r]*?"host":)"[^"]*"/g, '$1"…"'],
  [/"(rtt|uptime|id|age|active|processing_time)":\d+/g, '"$1":"…"'],
  [/"(server|server_name|server_id|leader|_nats\.ver|ver)":"[^"]*"/g, '"$1":"…"'],
  [/"(memory|storage)_bytes":\d+/g, '"$1_bytes":"…"'],
];

function normalised(frame: string): string {
  let text = frame;
  for (const [pattern, replacement] of REPLACEMENTS) text = text.replace(pattern, replacement);
  return text;
}

function withoutSizes(frame: string): string {
  return frame
    .replace(/^(HMSG .*) \d+ \d+\r\n/, '$1 <sizes>\r\n')
    .replace(/^(MSG .*) \d+\r\n/, '$1 <size>\r\n');
}
