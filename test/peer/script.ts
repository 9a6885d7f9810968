/**
 * Transcripts: what clients send and what they get back, as text that reads like the wire. One file holds many, each
 * under a heading `== name`. Lines of one:
 *
 *     config: max_payload: 64     a line of server configuration (none: the empty configuration)
 *     only: real                  differs on purpose; the transcript `only: bulkhead` says what Bulkhead does
 *     pings                       shows PINGs of the server, which are left out otherwise
 *     a+                          opens connection a and shows its first INFO (implicit opening hides it)
 *     a> SUB foo 1                sends the line and CRLF
 *     a> PING\n\                  escapes; a backslash at the end leaves CRLF out
 *     a> \rep(5000,x)             repetition
 *     a> \pub s r {"a":1}          PUB to s with reply r (`-`: none) and the rest as payload; waits for its own answers
 *     a> \hpub s r k:v;l:w x      the same with headers (`~` for spaces in them)
 *     a> \pub <reply> - x         `<reply>` is the way back a was shown last, `<reply:b>` the one b was shown
 *     a> \pub <flow> - x          likewise the last flow control request, and `<pin>` for the id of a pinned client
 *     a< +OK                      what has to come back
 *     a< (closed)                 the server closed
 *     a!                          the client closes
 *     wait 300                    real milliseconds
 *
 * Lines that start with `#` are comments.
 */
export interface Transcript {
  readonly name: string;
  readonly file: string;
  readonly config: string;
  readonly showsPings: boolean;
  /** Where the two servers differ on purpose (docs/differences.md), each has its own transcript. */
  readonly only?: 'real' | 'bulkhead';
  readonly blocks: readonly Block[];
}

/** One thing a script does, and what comes back to each connection because of it. */
export interface Block {
  readonly action: Action;
  /** The source lines of the action, for writing the file anew. */
  readonly source: readonly string[];
  /** Expected lines by connection. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
}

export type Action =
  | { readonly kind: 'open' | 'end'; readonly connection: string }
  | { readonly kind: 'send'; readonly connection: string; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly ms: number };

interface DraftBlock {
  action: Action;
  source: string[];
  expected: Map<string, string[]>;
}

/** Reads all transcripts of one file. */
export function parseTranscripts(text: string, file: string): Transcript[] {
  const sections = text.split(/^== /m).slice(1);
  return sections.map((section) => parseTranscript(section, file));
}

function parseTranscript(section: string, file: string): Transcript {
  const [name = '', ...lines] = section.split('\n');
  const config: string[] = [];
  const blocks: DraftBlock[] = [];
  let showsPings = false;
  let only: Transcript['only'];
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('config: ')) config.push(line.slice('config: '.length));
    else if (line === 'only: real' || line === 'only: bulkhead')
      only = line === 'only: real' ? 'real' : 'bulkhead';
    else if (line === 'pings') showsPings = true;
    else addLine(blocks, line, `${file}: ${name}`);
  }
  return {
    name,
    file,
    config: config.join('\n'),
    showsPings,
    blocks,
    ...(only === undefined ? {} : { only }),
  };
}

function addLine(blocks: DraftBlock[], line: string, where: string): void {
  const wait = /^wait (\d+)$/.exec(line);
  if (wait !== null) {
    blocks.push({ action: { kind: 'wait', ms: Number(wait[1]) }, source: [line], expected: new Map() });
    return;
  }
  const [, connection, mark, rest] = /^([a-z])([+!<>]) ?(.*)$/.exec(line) ?? [];
  if (connection === undefined || mark === undefined) throw new Error(`${where}: cannot read "${line}"`);
  const last = blocks.at(-1);
  if (mark === '<') {
    if (last === undefined) throw new Error(`${where}: nothing happened before "${line}"`);
    const known = last.expected.get(connection);
    if (known === undefined) last.expected.set(connection, [rest ?? '']);
    else known.push(rest ?? '');
    return;
  }
  const action = actionOf(connection, mark, rest ?? '');
  const joined = last === undefined || isApart(line) ? undefined : joinedWrites(last, action);
  if (last !== undefined && joined !== undefined) {
    last.action = joined;
    last.source.push(line);
    return;
  }
  blocks.push({ action, source: [line], expected: new Map() });
}

/** `\\pub` and `\\hpub` begin a write of their own. */
function isApart(line: string): boolean {
  return /^.> \\h?pub /.test(line);
}

/** Lines of one connection that nothing comes between are one write. */
function joinedWrites({ action: last, expected }: DraftBlock, next: Action): Action | undefined {
  if (last.kind !== 'send' || next.kind !== 'send' || expected.size > 0) return undefined;
  if (last.connection !== next.connection) return undefined;
  return { ...next, bytes: Buffer.concat([last.bytes, next.bytes]) };
}

function actionOf(connection: string, mark: string, rest: string): Action {
  if (mark === '+') return { kind: 'open', connection };
  if (mark === '!') return { kind: 'end', connection };
  return { kind: 'send', connection, bytes: bytesOf(rest) };
}

/** The bytes of a line to send. */
function bytesOf(line: string): Buffer {
  const [, verb, subject, reply, rest = ''] = /^\\(h?pub) (\S+) (\S+) ?(.*)$/.exec(line) ?? [];
  if (verb === undefined) return rawBytes(line);
  const [, fields = '', payload = ''] = verb === 'pub' ? [] : (/^(\S+) ?(.*)$/.exec(rest) ?? []);
  const body = rawBytes(`${verb === 'pub' ? rest : payload}\\`);
  const lines = fields.split(';').map((field) => `${field.replace(':', ': ').replaceAll('~', ' ')}\r\n`);
  const header = Buffer.from(verb === 'pub' ? '' : `NATS/1.0\r\n${lines.join('')}\r\n`);
  const sizes = verb === 'pub' ? `${body.length}` : `${header.length} ${header.length + body.length}`;
  const start = `${verb.toUpperCase()} ${subject} ${reply === '-' ? '' : `${reply} `}${sizes}\r\n`;
  return Buffer.concat([Buffer.from(start), header, body, Buffer.from('\r\n')]);
}

function rawBytes(line: string): Buffer {
  const isCut = line.endsWith('\\') && !line.endsWith('\\\\');
  const text = (isCut ? line.slice(0, -1) : line)
    .replace(/\\rep\((\d+),([^)]*)\)/g, (_all, count: string, part: string) => part.repeat(Number(count)))
    .replace(/\\(r|n|t|\\|x([0-9a-f]{2}))/g, (_all, what: string, hex?: string) => unescaped(what, hex));
  return Buffer.from(isCut ? text : `${text}\r\n`, 'latin1');
}

function unescaped(what: string, hex: string | undefined): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return { r: '\r', n: '\n', t: '\t' }[what] ?? '\\';
}

/** Received bytes as a line of a transcript: what is not printable ASCII is escaped. */
export function shown(bytes: string): string {
  const text = bytes.replace(/[\\\x00-\x1f\x7f-\xff]/g, (char) => {
    if (char === '\\') return '\\\\';
    const named = { '\r': '\\r', '\n': '\\n', '\t': '\\t' }[char];
    return named ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return text.length > 3_000 ? `${text.slice(0, 80)}…(${text.length})` : text;
}

/** A transcript as text, with what was observed in place of what was expected. */
export function printTranscript(
  transcript: Transcript,
  observed: readonly ReadonlyMap<string, readonly string[]>[],
): string {
  const lines = [`== ${transcript.name}`];
  if (transcript.config !== '') lines.push(...transcript.config.split('\n').map((line) => `config: ${line}`));
  if (transcript.only !== undefined) lines.push(`only: ${transcript.only}`);
  if (transcript.showsPings) lines.push('pings');
  transcript.blocks.forEach((block, index) => {
    lines.push(...block.source);
    const came = [...(observed[index] ?? new Map<string, readonly string[]>())].sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    for (const [connection, texts] of came)
      lines.push(...texts.map((text) => `${connection}< ${text}`.trimEnd()));
  });
  return `${lines.join('\n')}\n`;
}
