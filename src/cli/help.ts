import { FLAG_GROUPS, FLAGS, type FlagSpec } from './flag-table.ts';

/** Column at which the descriptions begin. */
const DOC_COLUMN = 38;

const COMMANDS = `Commands:
    run [-c FILE] -- COMMAND         Run a command beside a server of its own: NATS_URL says where it is
    demo seed                        Play CVE-2025-30215 in this process, with its control off and on
    explain                          Say why a user may do something or may not: bulkhead explain -h
    audit                            Say everything that crosses between accounts: bulkhead audit -h
    drop-in                          Print the folder that holds this program as \`nats-server\`
`;

/** The usage text, made from the table of flags. */
export function helpText(program = 'bulkhead'): string {
  const groups = FLAG_GROUPS.map((group) => {
    const lines = FLAGS.filter((flag) => flag.group === group).map(flagLine);
    return `${group}:\n${lines.join('\n')}\n`;
  });
  return `\nUsage: ${program} [options]\n       ${program} COMMAND\n\n${groups.join('\n')}\n${COMMANDS}`;
}

function flagLine(flag: FlagSpec): string {
  const names = flag.names.map((name) => (name.length > 3 ? `--${name}` : `-${name}`)).join(', ');
  const left = `    ${names}${flag.value === undefined ? '' : ` ${flag.value}`}`;
  return `${left.padEnd(DOC_COLUMN - 1)} ${flag.doc}`;
}
