import { CONTROLS, RULES, type RuleId } from '../guard/index.ts';
import { startServer } from '../index.ts';
import { type Advisory, CVE_2025_30215, type Step } from '../lab/index.ts';
import { DemoClient } from './demo-client.ts';

const DEMOS: ReadonlyMap<string, Advisory> = new Map([['seed', CVE_2025_30215]]);
/** Longest answer shown, in characters. */
const SHOWN = 110;

type Print = (line: string) => void;

/** `demo NAME`: plays an advisory in this process, once with its control off and once with it on. */
export async function demo(words: readonly string[]): Promise<number> {
  const advisory = DEMOS.get(words[0] ?? '');
  if (advisory === undefined || words.length > 1) {
    process.stderr.write(`usage: bulkhead demo NAME\n  known names: ${[...DEMOS.keys()].join(', ')}\n`);
    return 2;
  }
  const print: Print = (line) => void process.stdout.write(`${line}\n`);
  print(`${advisory.id}: ${advisory.title}`);
  print(`\nThe configuration:\n${advisory.config.trimEnd()}`);
  const open = await play(advisory, false, print);
  const closed = await play(advisory, true, print);
  print(`\nWith the control off: ${open}.`);
  print(`With the control on:  ${closed}.`);
  return 0;
}

/** Plays all steps against a fresh server. @returns what was observed at the end. */
async function play(advisory: Advisory, controlOn: boolean, print: Print): Promise<string> {
  const control = CONTROLS[advisory.control];
  print(`\n--- ${control.id} is ${controlOn ? 'ON' : 'OFF'} ${'-'.repeat(40)}`);
  print(controlOn ? `    ${control.promise}` : `    ${control.fault}`);
  const server = await startServer({
    config: advisory.config,
    port: null,
    ...(controlOn ? {} : { lab: { controlsOff: [advisory.control] } }),
  });
  try {
    for (const step of advisory.steps) {
      const answer = await act(server, step);
      print(`\n${step.user} ${step.title}`);
      print(`    publishes   ${step.subject}${step.body === undefined ? '' : `  ${step.body}`}`);
      print(`    receives    ${answer === undefined ? 'nothing: the request times out' : cut(answer)}`);
      const rule = decidingRule(server, step.subject);
      if (rule !== undefined) print(`    decided by  ${rule}: ${RULES[rule].promise}`);
    }
    const { observe } = advisory;
    const answer = await act(server, { ...observe, asksReply: true });
    const seen = answer === undefined ? 'no answer' : observe.read(answer);
    print(`\n${observe.user} ${observe.title}\n    sees        ${seen}`);
    return seen;
  } finally {
    await server.stop();
  }
}

async function act(
  server: Awaited<ReturnType<typeof startServer>>,
  step: Pick<Step, 'user' | 'password' | 'subject' | 'body' | 'asksReply'>,
): Promise<string | undefined> {
  const client = await DemoClient.connect(server.socket(), step.user, step.password);
  try {
    return await client.request(step.subject, step.body ?? '');
  } finally {
    client.close();
  }
}

/** The rule that dispatch wrote down for the last request to a subject; a plain publish has none. */
function decidingRule(server: Awaited<ReturnType<typeof startServer>>, subject: string): RuleId | undefined {
  return server.auditRecords().findLast((record) => record.subject === subject)?.rule;
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
