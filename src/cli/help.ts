import { FLAG_GROUPS, FLAGS, type FlagSpec } from './flag-table.ts';

/** Column at which the descriptions begin. */
const DOC_COLUMN = 38;

/** The usage text, made from the table of flags. */
export function helpText(program = 'bulkhead'): string {
  const groups = FLAG_GROUPS.map((group) => {
    const lines = FLAGS.filter((flag) => flag.group === group).map(flagLine);
    return `${group}:\n${lines.join('\n')}\n`;
  });
  return `\nUsage: ${program} [options]\n\n${groups.join('\n')}`;
}

function flagLine(flag: FlagSpec): string {
  const names = flag.names.map((name) => (name.length > 3 ? `--${name}` : `-${name}`)).join(', ');
  const left = `    ${names}${flag.value === undefined ? '' : ` ${flag.value}`}`;
  return `${left.padEnd(DOC_COLUMN - 1)} ${flag.doc}`;
}
