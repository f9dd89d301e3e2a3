import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OomKills } from '../../src/supervisor/oomKills.ts';

/** What is noticed where files of the system change from `before` to `after`. */
function noticed(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string {
  let files = before;
  const kills = new OomKills((file) => files[file]);
  files = { ...before, ...after };
  return kills.since();
}

const vmstat = (count: number): string => `nr_free_pages 1\noom_kill ${count}\nnuma_hit 3\n`;

describe('kills for want of memory', () => {
  it('are noticed in control groups of both versions, and elsewhere on the machine', () => {
    const two = { '/proc/self/cgroup': '0::/user.slice/a b\n', '/proc/vmstat': vmstat(1) };
    const events = '/sys/fs/cgroup/user.slice/a b/memory.events';
    const before = 'low 0\noom 0\noom_kill 0\n';
    const after = 'low 0\noom 1\noom_kill 1\n';
    assert.equal(noticed({ ...two, [events]: before }, { [events]: after, '/proc/vmstat': vmstat(2) }), 'here');
    assert.equal(noticed({ ...two, [events]: before }, { '/proc/vmstat': vmstat(2) }), 'machine');
    assert.equal(noticed({ ...two, [events]: before }, {}), 'none');
    const inContainer = { '/proc/self/cgroup': '0::/../x\n', '/sys/fs/cgroup/memory.events': before };
    assert.equal(noticed(inContainer, { '/sys/fs/cgroup/memory.events': after }), 'here');
    const one = { '/proc/self/cgroup': '5:cpu:/a\n4:memory:/a\n0::/\n' };
    const control = '/sys/fs/cgroup/memory/a/memory.oom_control';
    assert.equal(noticed({ ...one, [control]: 'oom_kill_disable 0\noom_kill 3\n' }, { [control]: 'oom_kill 4\n' }), 'here');
  });

  it('are unknown where nothing counts them', () => {
    assert.equal(noticed({}, {}), 'unknown');
    assert.match(new OomKills().since(), /^(none|unknown|here|machine)$/);
  });
});
