// Stands in for `otb queue`: reads a plan and behaves as FAKE_QUEUE says: begin (pretends that the first run has begun or gone on, says
// the plan, and stays), die (with a word), silent (does nothing).
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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
  console.log(JSON.stringify(plan));
  if (plan.runs[0].resumes) appendFileSync(path.join(dir, 'events.jsonl'), '{"type":"started","step":0,"time":0,"data":{}}\n');
  else {
    // As the trainer does: readers find all of it or nothing.
    writeFileSync(path.join(dir, 'run.json.tmp'), JSON.stringify({ pid: process.pid, ppid: process.ppid, argv: process.argv.slice(2) }));
    renameSync(path.join(dir, 'run.json.tmp'), path.join(dir, 'run.json'));
  }
}
setInterval(() => undefined, 1000);
