import type { NatsConnection } from '@nats-io/transport-node';

/** A backup as tools keep it: the configuration and state of the answer, and the chunks behind each other. */
export interface Backup {
  readonly config: Record<string, unknown>;
  readonly state: Record<string, unknown>;
  readonly bytes: Buffer;
}

type Json = Record<string, unknown>;

export interface Failure {
  readonly err_code: number;
  readonly description: string;
}

export async function ask<T = Json>(client: NatsConnection, subject: string, body: unknown = ''): Promise<T> {
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  return (await client.request(subject, sent)).json<T>();
}

/** Takes the backup of a stream, acknowledging each chunk, as jsm.go does. */
export async function backup(client: NatsConnection, stream: string, options: Json = {}): Promise<Backup> {
  const inbox = `backup.${stream}`;
  const chunks: Uint8Array[] = [];
  const subscription = client.subscribe(inbox);
  const answer = await ask<{ config: Json; state: Json; error?: Failure }>(
    client,
    `$JS.API.STREAM.SNAPSHOT.${stream}`,
    { deliver_subject: inbox, ...options },
  );
  if (answer.error !== undefined) throw new Error(answer.error.description);
  for await (const message of subscription) {
    if (message.data.length === 0) break;
    chunks.push(message.data);
    if (message.reply !== undefined && message.reply !== '') message.respond();
  }
  return { config: answer.config, state: answer.state, bytes: Buffer.concat(chunks) };
}

/** What an upload ended with: the stream as its creation shows it, or why there is none. */
export interface Outcome {
  readonly error?: Failure;
  readonly config?: Json;
  readonly state?: Json;
}

/** Begins a restore. @returns where chunks go, or why not. */
export async function begin(
  client: NatsConnection,
  stream: string,
  { config, state }: Omit<Backup, 'bytes'>,
): Promise<{ deliver_subject: string; error?: Failure }> {
  return ask(client, `$JS.API.STREAM.RESTORE.${stream}`, { config, state });
}

/** Restores a stream, chunk by chunk. */
export async function restore(client: NatsConnection, stream: string, saved: Backup): Promise<Outcome> {
  const { deliver_subject: to, error } = await begin(client, stream, saved);
  if (error !== undefined) return { error };
  for (let at = 0; at < saved.bytes.length; at += 65_536) {
    const answer = await client.request(to, saved.bytes.subarray(at, at + 65_536));
    if (answer.data.length > 0) return answer.json();
  }
  return (await client.request(to)).json();
}
