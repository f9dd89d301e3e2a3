// Stands in for `otb queue`: reads a plan and behaves as FAKE_QUEUE says: begin (pretends that the first run has begun, and stays),
// die (with a word), silent (does nothing).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const plan = JSON.parse(readFileSync(0, 'utf8'));
const behaviour = process.env.FAKE_QUEUE;
if (behaviour === 'die') {
  console.error('no device for this engine');
  process.exit(1);
}
if (behaviour === 'begin') {
  const dir = path.join(plan.runsDir, plan.runs[0].id);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'run.json'), JSON.stringify({ pid: process.pid, ppid: process.ppid, argv: process.argv.slice(2) }));
}
setInterval(() => undefined, 1000);
