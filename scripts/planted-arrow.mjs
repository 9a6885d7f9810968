// Proves that the check of import arrows looks: an import that must not be is planted, and has to be found.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

const PLANTED = [
  ['src/jetstream/planted-arrow.ts', "export * from '../guard/index.ts';\n", 'jetstream-imports'],
  ['src/api/planted-arrow.ts', "export * from '../guard/rules.ts';\n", 'through-the-door'],
];

for (const [file, text, rule] of PLANTED) {
  writeFileSync(file, text);
  try {
    const check = spawnSync('npx', ['depcruise', '--config', '.dependency-cruiser.cjs', file], {
      encoding: 'utf8',
    });
    if (check.status === 0 || !check.stdout.includes(rule)) {
      console.error(
        `a planted wrong import in ${file} was not found by rule ${rule}\n${check.stdout}${check.stderr}`,
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(file);
  }
}
