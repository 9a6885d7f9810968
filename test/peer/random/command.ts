/** One step of a random sequence. Plain data, so that a failing sequence can be printed, shrunk and played again. */
export type Command =
  /** An API request, answered by one reply. */
  | { readonly do: 'ask'; readonly subject: string; readonly body?: unknown; readonly headers?: Fields }
  /** A message to a stream, answered by one acknowledgement or by nobody. */
  | { readonly do: 'publish'; readonly subject: string; readonly payload: string; readonly headers?: Fields }
  /** MSG.NEXT: answered by messages and at most one status. */
  | { readonly do: 'pull'; readonly stream: string; readonly consumer: string; readonly body: PullBody }
  /** DIRECT.GET: answered by messages and a status. */
  | { readonly do: 'direct'; readonly subject: string; readonly body?: unknown }
  /** Acknowledges a message that was delivered earlier: the `which`-th last one. */
  | { readonly do: 'ack'; readonly which: number; readonly kind: string; readonly confirmed: boolean };

export type Fields = Readonly<Record<string, string>>;

export interface PullBody {
  readonly batch: number;
  readonly no_wait?: boolean;
  /** Nanoseconds. */
  readonly expires?: number;
  readonly max_bytes?: number;
  readonly [more: string]: unknown;
}

/** A sequence as lines that read like the wire. */
export function printed(commands: readonly Command[]): string {
  return commands.map((command, at) => `${String(at).padStart(3)} ${line(command)}`).join('\n');
}

function line(command: Command): string {
  switch (command.do) {
    case 'ask':
    case 'direct':
      return `${command.subject} ${bodyText(command.body)}${fieldsText('headers' in command ? command.headers : undefined)}`;
    case 'publish':
      return `PUB ${command.subject} ${command.payload}${fieldsText(command.headers)}`;
    case 'pull':
      return `NEXT ${command.stream}.${command.consumer} ${JSON.stringify(command.body)}`;
    case 'ack':
      return `ACK ${command.which} back: ${command.kind}${command.confirmed ? ' (confirmed)' : ''}`;
  }
}

function fieldsText(fields: Fields | undefined): string {
  return fields === undefined ? '' : ` [${Object.entries(fields).map(([key, value]) => `${key}: ${value}`)}]`;
}

/** The payload of a request: objects as JSON, texts as they are. */
export function bodyText(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
