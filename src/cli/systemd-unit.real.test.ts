import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { systemdUnit } from './systemd-unit.ts';

const analyze = '/usr/bin/systemd-analyze';

test.skipIf(!existsSync(analyze))('systemd finds nothing wrong with the unit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-unit-'));
  try {
    const unit = systemdUnit({
      command: [process.execPath, '/opt/my tools/100%/slipway.js'],
      dataFolder: '/srv/"data" $HOME',
      host: '127.0.0.1',
      port: 4646,
      isRoot: true,
      path: '/usr/bin:/bin',
    });
    await writeFile(join(folder, 'slipway.service'), unit);
    const { stderr } = await promisify(execFile)(analyze, ['verify', join(folder, 'slipway.service')]);
    expect(stderr.split('\n').filter((line) => line.includes('slipway.service'))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
