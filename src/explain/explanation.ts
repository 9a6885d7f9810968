import * as Type from 'typebox';

/** The version of the JSON form below. It grows when a field changes its meaning or goes; new fields may come any time. */
export const EXPLANATION_VERSION = 1;

const exact = { additionalProperties: false };
const text = (description: string) => Type.String({ description });

/** Something of the configuration, and where it stands. */
export const PlaceSchema = Type.Object(
  {
    file: Type.Optional(text('The file; absent where the configuration came as text or object.')),
    line: Type.Optional(Type.Integer({ minimum: 1 })),
    column: Type.Optional(Type.Integer({ minimum: 1 })),
    path: Type.Optional(text('In a configuration given as an object: where in it.')),
    source: Type.Optional(text('The line itself, where it can be read, with secrets blacked out.')),
  },
  exact,
);

const ReasonSchema = Type.Object(
  {
    text: text('One thing that was looked at.'),
    decided: Type.Boolean({ description: 'Whether the verdict follows from it.' }),
    at: Type.Optional(PlaceSchema),
  },
  exact,
);

export const QuestionSchema = Type.Object(
  {
    action: Type.Union(
      [
        Type.Literal('publish'),
        Type.Literal('subscribe'),
        Type.Literal('request'),
        Type.Literal('jetstream'),
        Type.Literal('connect'),
      ],
      { description: 'What is to be done.' },
    ),
    user: Type.Optional(text('User name or public nkey; absent: whoever comes in without credentials.')),
    account: Type.Optional(
      text(
        'Without a user: an unrestricted principal of this account. With one: the user, put into this account.',
      ),
    ),
    subject: Type.Optional(
      text('The subject; for jetstream the endpoint, as in STREAM.CREATE or STREAM.INFO.orders.'),
    ),
    queue: Type.Optional(text('For subscribe: the queue group.')),
    inbox: Type.Optional(text('For request and jetstream: the prefix of reply subjects. Default: _INBOX.')),
  },
  exact,
);

const DecisionStepSchema = Type.Object(
  {
    kind: Type.Literal('decision'),
    action: text(
      'What the guard was asked: connect, publish, subscribe, deliver, crossing, response or scope.',
    ),
    account: Type.Optional(text('The account in which it was asked.')),
    user: Type.Optional(Type.String()),
    subject: text('The subject; for connect the kind of connection.'),
    queue: Type.Optional(Type.String()),
    allowed: Type.Boolean(),
    filtered: Type.Optional(
      Type.Boolean({ description: 'Allowed, and every delivery is judged on its own.' }),
    ),
    rule: text('The id of the rule that decided.'),
    promise: text('The rule in one sentence.'),
    reasons: Type.Array(ReasonSchema),
  },
  exact,
);

const ArrivalStepSchema = Type.Object(
  {
    kind: Type.Literal('arrival'),
    account: text('Where the message is now.'),
    subject: text('The subject it has there.'),
    from: Type.Optional(text('The account it came from, where it crossed.')),
    import: Type.Optional(PlaceSchema),
    export: Type.Optional(PlaceSchema),
    mapping: Type.Optional(PlaceSchema),
    service: Type.Optional(text('What answers there: the row of the API or of the system services.')),
    doc: Type.Optional(text('What that row does.')),
  },
  exact,
);

const NoteStepSchema = Type.Object(
  { kind: Type.Literal('note'), text: Type.String(), at: Type.Optional(PlaceSchema) },
  exact,
);

export const StepSchema = Type.Union([DecisionStepSchema, ArrivalStepSchema, NoteStepSchema]);

export const ChangeSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal('configuration'), Type.Literal('question')], {
      description: 'Whether the configuration is changed or something else is asked.',
    }),
    summary: text('The change in one sentence.'),
    where: Type.Optional(text('Which part of the configuration.')),
    at: Type.Optional(PlaceSchema),
    configuration: Type.Optional(text('What to write there, in the language of the configuration.')),
    question: Type.Optional(QuestionSchema),
    also: Type.Optional(text('What else it decides otherwise than before.')),
  },
  exact,
);

export const ExplanationSchema = Type.Object(
  {
    version: Type.Literal(EXPLANATION_VERSION),
    question: QuestionSchema,
    allowed: Type.Boolean(),
    rule: text('The id of the rule that decided in the end.'),
    promise: text('That rule in one sentence.'),
    steps: Type.Array(StepSchema, { description: 'Everything that was decided and happened, in order.' }),
    change: Type.Optional(ChangeSchema),
    alternatives: Type.Array(ChangeSchema, { description: 'Other changes that would do, larger ones last.' }),
  },
  exact,
);

export const ExtentSchema = Type.Union([
  Type.Literal('everything'),
  Type.Literal('partly'),
  Type.Literal('nothing'),
]);

const PermittedSchema = Type.Object(
  {
    account: Type.String(),
    user: text('Empty for whoever comes in without credentials.'),
    extent: ExtentSchema,
    rule: text('The rule that decided; where it is partly, the one that refuses the rest or filters it.'),
    promise: Type.String(),
    may: Type.Optional(
      Type.Array(Type.String(), { description: 'Where it is partly: some subjects that are allowed.' }),
    ),
    mayNot: Type.Optional(
      Type.Array(Type.String(), { description: 'Where it is partly: some that are not.' }),
    ),
    reaches: Type.Optional(
      Type.Array(Type.String(), { description: 'Accounts it arrives in, besides its own.' }),
    ),
  },
  exact,
);

export const WhoSchema = Type.Object(
  {
    version: Type.Literal(EXPLANATION_VERSION),
    question: QuestionSchema,
    who: Type.Array(PermittedSchema),
  },
  exact,
);

/** What `bulkhead explain --json` prints, in either direction. */
export const OutputSchema = Type.Union([ExplanationSchema, WhoSchema], {
  title: 'bulkhead explain --json',
  description: 'Why the server allows or refuses one action; or, with --who, who may do it.',
});

/** A question: who wants to do what. */
export type Question = Type.Static<typeof QuestionSchema>;
/** The answer: the verdict, every step on the way to it, and what would have to be different. */
export type Explanation = Type.Static<typeof ExplanationSchema>;
export type Step = Type.Static<typeof StepSchema>;
export type DecisionStep = Type.Static<typeof DecisionStepSchema>;
export type ArrivalStep = Type.Static<typeof ArrivalStepSchema>;
export type Change = Type.Static<typeof ChangeSchema>;
export type Place = Type.Static<typeof PlaceSchema>;
export type Who = Type.Static<typeof WhoSchema>;
export type Permitted = Who['who'][number];
export type Extent = Type.Static<typeof ExtentSchema>;
