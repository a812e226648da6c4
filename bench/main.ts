import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { deploys } from './deploy.ts';
import { openGround } from './ground.ts';
import { loadAndPlan } from './load-and-plan.ts';
import type { Measurement } from './measurement.ts';
import { memory } from './memory.ts';
import { redeploy } from './redeploy.ts';
import { type Result, resultOf, runRounds } from './rounds.ts';
import { commandStart, serverStart } from './start.ts';
import { tableOf } from './table.ts';

const measurements: readonly Measurement[] = [loadAndPlan, commandStart, serverStart, memory, redeploy, ...deploys];

const usage = `npm run bench -- [--only NAME]... [--rounds N] [--json] [--list]

Times Slipway beside other ways to do the same, in turns, on this machine as it is now, and prints medians and ratios. It
judges nothing: what else the machine does shows in every figure. Needs a Docker swarm for most; says what it left out.

${measurements.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

/** Runs one measurement; one that fails does not take the others with it. */
async function measure(measurement: Measurement, ground: ReturnType<typeof openGround>): Promise<readonly Result[]> {
  const { name } = measurement;
  ground.say(`${name}: ${measurement.about} (load ${load()})`);
  const prepared = await measurement.prepare(ground);
  if (prepared === null) return [];
  try {
    const samples = await runRounds(prepared, Number(values.rounds), ground.say);
    for (const note of prepared.notes?.() ?? []) ground.say(`  ${note}`);
    return prepared.rows.flatMap((row) => resultOf(name, row, samples) ?? []);
  } finally {
    await prepared.remove();
  }
}

async function main(): Promise<void> {
  if (values.list || values.help) return void process.stdout.write(usage);
  const chosen = measurements.filter(({ name }) => values.only === undefined || values.only.includes(name));
  if (chosen.length === 0) throw new Error(`there is no measurement ${values.only?.join(', ')}\n${usage}`);
  const ground = openGround();
  const results: Result[] = [];
  const before = load();
  const stop = (): void => void ground.close().finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    for (const measurement of chosen)
      try {
        results.push(...(await measure(measurement, ground)));
      } catch (thrown) {
        process.exitCode = 1;
        ground.say(
          `  ${measurement.name} failed: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown}`,
        );
      }
  } finally {
    await ground.close();
  }
  const machine = {
    node: process.version,
    cpus: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    loadBefore: before,
    loadAfter: load(),
  };
  if (values.json) return void process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  const line = `Node ${machine.node}, ${machine.cpus} cores, ${machine.memoryGB} GB, load ${before} → ${machine.loadAfter}; medians`;
  process.stdout.write(`\n${tableOf(results)}\n\n${line}\n`);
}

await main();
