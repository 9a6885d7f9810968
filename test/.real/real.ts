import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync, rmSync } from 'node:fs';
let port = 25000 + (process.pid % 3000);
export async function startServer(o: any = {}): Promise<any> {
  const dir = mkdtempSync('/tmp/e2e/real-');
  const p = o.port > 0 ? o.port : port++;
  const conf = (o.config ?? 'jetstream: {}').replace(/listen: 127.0.0.1:-1,?/, '').replace('jetstream: enabled', `jetstream { store_dir: "${dir}" }`);
  writeFileSync(dir + '/c.conf', conf.includes('jetstream: {}') ? 'jetstream {}' : conf);
  const child = spawn('/root/go/bin/nats-server', ['-c', dir + '/c.conf', '-a', '127.0.0.1', '-p', String(p), '-sd', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((res, rej) => { let t = ''; child.stderr.on('data', (d) => { t += d; if (t.includes('Server is ready')) res(); }); child.on('exit', () => rej(new Error(t))); });
  return { url: `nats://127.0.0.1:${p}`, port: p, clock: { now: () => Date.now(), advance: async (d: string) => new Promise((r) => setTimeout(r, Math.min(12000, parseFloat(d) * (d.endsWith('m') ? 60000 : 1000) + 50))) },
    auditRecords: () => [], reset() {}, stop: () => new Promise<void>((r) => { child.removeAllListeners('exit'); child.on('exit', () => { rmSync(dir, { recursive: true, force: true }); r(); }); child.kill('SIGKILL'); }) };
}
