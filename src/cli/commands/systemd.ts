import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { defaultDataFolder } from '../access.ts';
import { command } from '../command.ts';
import { systemdUnit } from '../systemd-unit.ts';

/** `slipway systemd`: prints the unit, and changes nothing. */
export const systemd = command({
  name: 'systemd',
  about: 'Print a systemd unit that runs the server',
  details:
    'As root: slipway systemd > /etc/systemd/system/slipway.service && systemctl enable --now slipway\n' +
    'As yourself: slipway systemd > ~/.config/systemd/user/slipway.service && systemctl --user enable --now slipway',
  args: z.object({
    data: z.string().optional().describe('The data folder'),
    port: z.coerce.number<number>().int().min(1).max(65_535).default(4646).describe('Where it listens'),
    host: z.string().default('127.0.0.1').describe('On which address'),
  }),
  result: z.object({ unit: z.string() }),
  run: ({ data, port, host }, { cwd, env }) => ({
    unit: systemdUnit({
      command: [process.execPath, ...process.execArgv, realpathSync(process.argv[1] ?? '')],
      dataFolder: resolve(cwd, data ?? defaultDataFolder(env)),
      port,
      host,
      isRoot: userInfo().uid === 0,
      path: env.PATH ?? '/usr/bin:/bin',
    }),
  }),
  show: ({ unit }) => unit,
});
