import Type, { type Static } from 'typebox';
import { type AuditReport, REPORT_VERSION, SEVERITIES } from './report.ts';

/**
 * The JSON form of a report, declared once more: docs/schemas/audit.schema.json is written from it. Nothing that runs
 * with the program imports this file.
 */
const closed = { additionalProperties: false } as const;

const Place = Type.Object(
  {
    file: Type.String(),
    line: Type.Integer({ minimum: 0 }),
    column: Type.Integer({ minimum: 0 }),
    path: Type.Optional(Type.String()),
  },
  closed,
);

const SubjectText = Type.Object(
  {
    pattern: Type.String(),
    except: Type.Optional(Type.Array(Type.String())),
    may: Type.Optional(Type.Literal(true)),
  },
  closed,
);

const Step = Type.Object(
  {
    door: Type.Union([Type.Literal('stream'), Type.Literal('service'), Type.Literal('response')]),
    from: Type.String(),
    to: Type.String(),
    subject: Type.String(),
    becomes: Type.String(),
    builtin: Type.Optional(Type.Literal(true)),
    importAt: Type.Optional(Place),
    exportAt: Type.Optional(Place),
  },
  closed,
);

const Witness = Type.Object(
  {
    publish: Type.Optional(Type.String()),
    subject: Type.String(),
    arrives: Type.String(),
    sender: Type.Optional(Type.String()),
    receiver: Type.Optional(Type.String()),
  },
  closed,
);

const Flow = Type.Object(
  {
    from: Type.String(),
    to: Type.String(),
    kind: Type.Union(
      (['message', 'request', 'reply', 'api', 'system'] as const).map((kind) => Type.Literal(kind)),
    ),
    subjects: Type.Array(SubjectText),
    arrives: Type.Array(SubjectText),
    witness: Witness,
    paths: Type.Array(Type.Array(Step)),
    senders: Type.Array(Type.String()),
    receivers: Type.Array(Type.String()),
    actsFor: Type.Optional(Type.String()),
  },
  closed,
);

const Reach = Type.Object(
  {
    subject: Type.String(),
    actsFor: Type.String(),
    verdict: Type.Union([Type.Literal('allowed'), Type.Literal('own'), Type.Literal('refused')]),
    rule: Type.String(),
    publish: Type.String(),
    partly: Type.Optional(Type.Literal(true)),
  },
  closed,
);

const Access = Type.Object(
  {
    account: Type.String(),
    users: Type.Array(Type.String()),
    api: Type.Array(Reach),
    system: Type.Array(Reach),
  },
  closed,
);

const Severity = Type.Union(SEVERITIES.map((severity) => Type.Literal(severity)));

const Finding = Type.Object(
  {
    id: Type.String(),
    severity: Severity,
    message: Type.String(),
    remedy: Type.String(),
    reference: Type.String(),
    at: Type.Array(Place),
    account: Type.Optional(Type.String()),
    user: Type.Optional(Type.String()),
  },
  closed,
);

const AccountSummary = Type.Object(
  {
    name: Type.String(),
    kind: Type.Union([Type.Literal('tenant'), Type.Literal('global'), Type.Literal('system')]),
    users: Type.Integer({ minimum: 0 }),
    jetstream: Type.Boolean(),
    exports: Type.Integer({ minimum: 0 }),
    imports: Type.Integer({ minimum: 0 }),
    at: Type.Optional(Place),
  },
  closed,
);

const count = Type.Integer({ minimum: 0 });

export const REPORT_SCHEMA = Type.Object(
  {
    version: Type.Literal(REPORT_VERSION),
    serverVersion: Type.Optional(Type.String()),
    accounts: Type.Array(AccountSummary),
    flows: Type.Array(Flow),
    access: Type.Array(Access),
    findings: Type.Array(Finding),
    counts: Type.Object({ critical: count, high: count, medium: count, low: count, info: count }, closed),
    cut: Type.Array(Type.String()),
  },
  {
    ...closed,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'bulkhead audit --format json',
  },
);

/** Does not compile when what the schema admits is no report; tests hold every report against the schema. */
type Admits<A extends B, B> = A;
export type ReportInJson = Admits<Static<typeof REPORT_SCHEMA>, AuditReport>;

/** The schema, as it is published. */
export function renderAuditSchema(): string {
  return `${JSON.stringify(REPORT_SCHEMA, null, 2)}\n`;
}
