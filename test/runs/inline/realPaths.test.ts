import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RealPaths } from '../../../src/runs/inline/realPaths.ts';
import { temporaryFolder } from '../exampleRun.ts';

describe('real paths', () => {
  it('tell of a link once it is known where it leads, and give the path itself until then', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'a.otb.json');
    const link = path.join(folder, 'link.otb.json');
    writeFileSync(file, '{}');
    symlinkSync(file, link);
    const paths = await new Promise<RealPaths>((resolve) => {
      const looked: RealPaths = new RealPaths(() => resolve(looked));
      assert.equal(looked.of(link), link);
    });
    assert.equal(paths.of(link), file);
    assert.equal(paths.of(file), file);
  });

  it('leave a file that is not there as it is', () => {
    assert.equal(new RealPaths(() => assert.fail('there is nothing to find')).of('/no/such/file'), '/no/such/file');
  });
});
