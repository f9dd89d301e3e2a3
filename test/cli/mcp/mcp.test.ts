import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentToolNames } from '../../../src/presenting/agents/agentToolNames.ts';
import { agentTools } from '../../../src/presenting/agents/agentTools.ts';
import { writeLongRun } from '../../runs/longRun.ts';
import { otb, otbEntry, startOtb, temporaryFolder } from '../otb.ts';
import { writeRunDirectory } from '../runFixture.ts';
import { McpClient } from './mcpClient.ts';

async function served(t: TestContext, paths: readonly string[], cwd?: string): Promise<McpClient> {
  const client = await McpClient.start(paths, cwd);
  t.after(() => client.close());
  return client;
}

function workspace(t: TestContext): { readonly root: string; readonly dir: string; readonly id: string } {
  const root = temporaryFolder(t);
  const dir = writeLongRun(path.join(root, '.otb', 'runs'), 200);
  writeRunDirectory(path.join(root, '.otb', 'runs'), { estimator: 'opo', seed: 1, steps: 200, collapseAt: null });
  return { root, dir, id: path.basename(dir) };
}

/** What a folder holds, with sizes and times. */
function pictureOf(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return names.map((name) => {
    const { size, mtimeMs } = statSync(path.join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}

describe('otb mcp, asked by a client of the official SDK', () => {
  it('lists its tools with schemas, and says that they only read', async (t) => {
    const { root } = workspace(t);
    const { client } = await served(t, [root]);
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      [...agentToolNames],
    );
    for (const { name, description, inputSchema, annotations } of tools) {
      const tool = agentTools[name as (typeof agentToolNames)[number]];
      assert.deepEqual([description, inputSchema], [tool.description, tool.input]);
      assert.deepEqual([annotations?.readOnlyHint, annotations?.destructiveHint], [true, false]);
    }
    assert.match(client.getInstructions() ?? '', /otb_list_runs/);
    assert.equal(client.getServerVersion()?.name, 'otb-run-inspector');
  });

  it('answers about the runs in the current folder, and changes nothing in it', async (t) => {
    const { root, id } = workspace(t);
    const before = pictureOf(root);
    const server = await served(t, [], root);
    assert.equal((await server.call('otb_list_runs')).json['matching'], 2);
    const summary = await server.call('otb_summarize_run', { run: id });
    assert.deepEqual([summary.json['run'], summary.json['state'], summary.json['step']], [id, 'collapsed', 200]);
    const compared = await server.call('otb_compare_runs', { runs: [id, '20260102-030405-fixture'] });
    assert.equal(compared.json['runs'], 2, compared.text);
    assert.equal((await server.call('otb_metrics_around_step', { run: `${id}@100` })).json['step'], 100);
    assert.deepEqual(pictureOf(root), before);
  });

  it('answers calls at once that come at once', async (t) => {
    const { root, id } = workspace(t);
    const server = await served(t, [root]);
    const calls = Array.from({ length: 8 }, (_, step) => server.call('otb_metrics_around_step', { run: id, step: step + 1, radius: 0 }));
    assert.deepEqual(
      (await Promise.all(calls)).map(({ json }) => json['step']),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('says what is wrong with a call, and answers the next one', async (t) => {
    const { root } = workspace(t);
    const server = await served(t, [root]);
    const wrong = await server.call('otb_summarize_run', { run: '../../etc/passwd' });
    assert.ok(wrong.isError);
    assert.equal((wrong.json['error'] as Record<string, string>)['kind'], 'refused');
    const bad = await server.call('otb_list_runs', { limit: 'many' });
    assert.match(String((bad.json['error'] as Record<string, string>)['message']), /limit: expected a whole number/);
    await assert.rejects(server.call('otb_delete_run', {}), /There is no tool "otb_delete_run"/);
    await assert.rejects(server.client.request({ method: 'no/such' } as never, {} as never), /Method not found/);
    assert.equal((await server.call('otb_list_runs')).json['matching'], 2);
  });

  it('gives up a call that is cancelled, and answers the next one', async (t) => {
    const { root, id } = workspace(t);
    const server = await served(t, [root]);
    const controller = new AbortController();
    const call = server.call('otb_summarize_run', { run: id }, controller.signal);
    controller.abort(new Error('no longer wanted'));
    await assert.rejects(call, /no longer wanted/);
    assert.equal((await server.call('otb_summarize_run', { run: id })).json['run'], id);
  });

  it('summarizes a run of 100,000 steps in under 2 kB', async (t) => {
    const root = temporaryFolder(t);
    const dir = writeLongRun(path.join(root, '.otb', 'runs'), 100_000);
    const server = await served(t, [root]);
    const { text, json } = await server.call('otb_summarize_run', { run: path.basename(dir) });
    assert.ok(Buffer.byteLength(text) < 2000, `${Buffer.byteLength(text)} bytes`);
    assert.deepEqual([json['logged_steps'], json['state'], json['step']], [100_000, 'collapsed', 100_000]);
    assert.ok(Math.abs((json['onset_step'] as number) - 60_000) < 50, String(json['onset_step']));
    const ratios = json['noise_ratio'] as Record<string, number>;
    assert.ok((ratios['reinforce'] ?? 0) > 0.3 && (ratios['reinforce'] ?? 0) < 0.5, JSON.stringify(ratios));
    const { max, max_step: at } = json['grad_norm'] as Record<string, number>;
    assert.ok((max ?? 0) > 70 && (at ?? 0) > 60_000);
  });
});

describe('otb mcp', () => {
  const message = (content: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...content })}\n`;
  const initialize = message({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  });

  it('writes nothing but messages to standard output, and ends when standard input does, once what was asked is answered', async (t) => {
    const { root, id } = workspace(t);
    const call = message({ id: 2, method: 'tools/call', params: { name: 'otb_summarize_run', arguments: { run: id } } });
    const { code, stdout, stderr } = await otb(['mcp', root], { stdin: `${initialize}this is no message\n{"jsonrpc":"2.0"}\n${call}` });
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result: unknown });
    assert.deepEqual(
      messages.map((one) => one.id),
      [1, 2],
    );
    assert.match(JSON.stringify(messages[1]?.result), /collapsed/);
    assert.match(stderr, /serving the runs in/);
    assert.match(stderr, /JSON/);
    assert.equal(code, 0);
  });

  it('ends when its client is gone', async (t) => {
    const { root } = workspace(t);
    const child = spawn(process.execPath, [otbEntry, 'mcp', root], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.write(initialize);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.destroy();
    child.stdout.destroy();
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
  });

  it('refuses a path that is not there, before it serves anything', async (t) => {
    const { code, stdout, stderr } = await startOtb(['mcp', path.join(temporaryFolder(t), 'nowhere')]).finished;
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /nowhere: there is no such file or directory/);
  });

  it('tells in its help how agents are configured', async () => {
    const { stdout } = await otb(['mcp', '--help']);
    for (const words of ['mcpServers', '"servers"', '.mcp.json', 'claude_desktop_config.json', 'Cursor', 'dist/otb.mjs'])
      assert.ok(stdout.includes(words), words);
  });

  it('is the only command that loads the SDK', () => {
    const bundle = readFileSync(otbEntry, 'utf8');
    assert.ok(!bundle.includes('ListToolsRequestSchema'));
    assert.ok(bundle.includes('"./mcp.mjs"'));
  });
});
