/** A rule that makes two servers' words comparable, and why it is needed. */
interface Rule {
  readonly why: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Everything that is not compared. What no rule covers has to be the same, byte by byte and in the same order. */
export const RULES: readonly Rule[] = [
  {
    why: 'things happen at different times; that a time is zero is compared',
    pattern: /"(?!0001-)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)"/g,
    replacement: '"<time>"',
  },
  {
    why: 'the same, in headers',
    pattern: /(Nats-Time-Stamp: )\S+/g,
    replacement: '$1<time>',
  },
  {
    why: 'the same, in the reply subjects of deliveries',
    pattern: /(\$JS\.ACK\.[^.\s]+\.[^.\s]+\.\d+\.\d+\.\d+\.)\d{18,19}(\.\d+)/g,
    replacement: '$1<ns>$2',
  },
  {
    why: 'what is left of a pause shrinks with time',
    pattern: /"pause_remaining":\d+/g,
    replacement: '"pause_remaining":"<ns>"',
  },
  {
    why: 'the time a delivery took to be acknowledged',
    pattern: /"ack_time":\d+/g,
    replacement: '"ack_time":"<ns>"',
  },
  {
    why: 'names and versions of the servers',
    pattern: /"(leader|server|_nats\.ver)":"[^"]*"/g,
    replacement: '"$1":"<server>"',
  },
  {
    why: 'events have random ids',
    pattern: /"id":"\w{22}"/g,
    replacement: '"id":"<id>"',
  },
  {
    why: 'pins have random ids',
    pattern: /(Nats-Pin-Id: |"pinned_client_id":"|"pinned_id":")\w{22}/g,
    replacement: '$1<id>',
  },
  {
    why: 'flow control subjects have random tokens',
    pattern: /(\$JS\.FC\.\w+\.\w+\.)\w+/g,
    replacement: '$1<token>',
  },
  {
    why: 'heartbeats tell of it when flow control stalls, which depends on the reader',
    pattern: /Nats-Consumer-Stalled: \S+\r\n/g,
    replacement: '',
  },
  {
    why: 'documented: deletes of missing messages count as errors of the API here and not there',
    pattern: /"api":\{[^}]*\}/g,
    replacement: '"api":{}',
  },
  {
    why: 'documented: an empty stream in a file tells there of a deleted message 0',
    pattern: /"num_deleted":1,"deleted":\[0\],/g,
    replacement: '',
  },
  {
    why: 'events about API requests repeat the reply, which is compared itself',
    pattern: /"response":"(?:[^"\\]|\\.)*"/g,
    replacement: '"response":"<reply>"',
  },
  {
    why: 'events number the client',
    pattern: /("client":\{[^}]*"id":)\d+/g,
    replacement: '$1"<id>"',
  },
  {
    why: 'documented: who asks is named without round-trip time and server here',
    pattern: /"rtt":\d+,"server":"[^"]*",/g,
    replacement: '',
  },
];

/** Words of a server with what may differ taken out. */
export function normalised(text: string): string {
  let result = text;
  for (const { pattern, replacement } of RULES) result = result.replace(pattern, replacement);
  return result;
}
