import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { audit } from '../../src/cli/audit.ts';
import { bulkhead, fileWith } from './program.ts';

const OPEN = 'listen: 0.0.0.0:4222\n';
const QUIET = `accounts {
  A { users: [ {user: a, password: "$2a$11$3kIDaCxw.Glsl1.u5nKa6eUnNDLV5HV9tIuUp7EHhMt6Nm9myW1aS"} ] }
}
`;

function run(...words: string[]) {
  let out = '';
  let err = '';
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    colour: false,
  };
  return { status: audit(words, io), out, err };
}

describe('bulkhead audit', () => {
  it('ends with 4 when something as bad as --fail-on is found, else with 0', () => {
    const file = fileWith(OPEN);
    expect(run('-c', file).status).toBe(4);
    expect(run('-c', file, '--fail-on', 'critical').status).toBe(0);
    expect(run('-c', file, '--fail-on', 'info').status).toBe(4);
    expect(run('-c', file, '--fail-on', 'none').status).toBe(0);
    expect(run('-c', fileWith(QUIET), '--fail-on', 'info').status).toBe(0);
  });

  it.each([
    [[], /which configuration/],
    [['-c'], /-c/],
    [['-c', 'x', '--format', 'xml'], /--format "xml": expected one of text, json, sarif, mermaid/],
    [['-c', 'x', '--fail-on', 'bad'], /--fail-on "bad"/],
    [['-c', 'x', '--server-version', 'new'], /--server-version "new"/],
    [['-c', 'x', '--max-paths', '0'], /--max-paths 0/],
    [['-c', 'x', '--frobnicate'], /frobnicate/],
    [['-c', '/nowhere/x.conf'], /x\.conf/],
  ])('ends with 2 for %j', (words, expected) => {
    const { status, out, err } = run(...words);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(expected);
  });

  it('ends with 2 for a configuration that is refused, and names the line', () => {
    const { status, err } = run(
      '-c',
      fileWith('accounts {\n  A { imports: [ {stream: {account: Z, subject: x}} ] }\n}\n'),
    );
    expect(status).toBe(2);
    expect(err).toMatch(/:2:/);
  });

  it('writes to a file', () => {
    const target = fileWith('', 'report.json');
    const { out } = run('-c', fileWith(OPEN), '--format', 'json', '-o', target);
    expect(out).toBe('');
    expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ version: 1, counts: { high: 1 } });
  });

  it('is a subcommand of the program', () => {
    const { status, stdout } = bulkhead('audit', '-c', fileWith(OPEN));
    expect(status).toBe(4);
    expect(stdout).toContain('Nobody has to log in');
    expect(stdout).not.toContain('\x1b');
  });
});
