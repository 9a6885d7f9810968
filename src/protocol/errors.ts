/**
 * The texts of `-ERR`, and whether the server closes afterwards (measured on 2.14.5).
 * A closing without text is not here: the connection just ends.
 */
export interface ProtocolError {
  readonly text: string;
  readonly closes: boolean;
}

function closing(text: string): ProtocolError {
  return { text, closes: true };
}

function staying(text: string): ProtocolError {
  return { text, closes: false };
}

export const ERRORS = {
  unknownOperation: closing('Unknown Protocol Operation'),
  authorizationViolation: closing('Authorization Violation'),
  authenticationTimeout: closing('Authentication Timeout'),
  maximumPayload: closing('Maximum Payload Violation'),
  maximumControlLine: closing('maximum control line exceeded'),
  maximumConnections: closing('maximum connections exceeded'),
  maximumAccountConnections: closing('maximum account active connections exceeded'),
  staleConnection: closing('Stale Connection'),
  invalidClientProtocol: closing('invalid client protocol'),
  noRespondersRequiresHeaders: closing('no responders requires headers support'),
  maximumSubscriptions: staying('maximum subscriptions exceeded'),
  invalidSubject: staying('Invalid Subject'),
  invalidPublishSubject: staying('Invalid Publish Subject'),
} as const satisfies Record<string, ProtocolError>;

/** A refused publish. The subject stands in the text as the bytes that came. */
export function publishViolation(subject: string): ProtocolError {
  return staying(`Permissions Violation for Publish to "${subject}"`);
}

/** A refused reply subject. */
export function replyViolation(reply: string): ProtocolError {
  return staying(`Permissions Violation for Publish with Reply of "${reply}"`);
}

/** A refused subscription; `queue` is empty outside of queue groups. */
export function subscriptionViolation(subject: string, queue: string): ProtocolError {
  return staying(subscriptionText(subject, queue));
}

/** A subscription that stood and is refused since the configuration changed (measured on 2.14.5). */
export function subscriptionLost(subject: string, queue: string, sid: string): ProtocolError {
  return staying(`${subscriptionText(subject, queue)} (sid "${sid}")`);
}

function subscriptionText(subject: string, queue: string): string {
  const group = queue === '' ? '' : ` using queue "${queue}"`;
  return `Permissions Violation for Subscription to "${subject}"${group}`;
}

/** A subscription to a subject with more tokens than may be. */
export function tooManyTokens(subject: string): ProtocolError {
  return staying(`Permissions Violation for Subscription to "${subject}", too many tokens`);
}
