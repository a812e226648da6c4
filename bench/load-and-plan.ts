import type { FixedFields } from '#adapters/engines/contract.ts';
import { loadCompose } from '#domain/compose/load.ts';
import { plan } from '#domain/plan/plan.ts';
import { thingsOf } from '#domain/plan/things.ts';
import { parseProject } from '#domain/project/parse.ts';
import { stackFromCompose } from '#domain/stack/from-compose/from-compose.ts';
import type { Measurement, Prepared } from './measurement.ts';
import { composeOf } from './project.ts';
import { timed } from './run.ts';

const [few, many] = [100, 1000];
const fixed: FixedFields = { service: ['mode.kind'], network: [], volume: [], config: [], secret: [] };
const versionKey = new Uint8Array(32);
/** Each round does so many: the first ones warm up. */
const times = 5;

/** From the text of the files to an empty plan, without an engine: its cost is to grow as the number of services does. */
export const loadAndPlan: Measurement = {
  name: 'load-and-plan',
  about: `load and plan ${few} and ${many.toLocaleString('en')} services`,
  prepare: async (): Promise<Prepared> => {
    const side = (count: number) => ({ name: String(count), run: async () => samplesOf(count) });
    const row = (what: string, key: string) => ({
      what: `${what}: per service, ${many} / ${few}`,
      ours: { side: String(many), key: `${key} per service` },
      theirs: { side: String(few), key: `${key} per service`, name: `${few} services` },
      goal: 1.25,
    });
    return {
      sides: [side(few), side(many)],
      rows: [
        { what: `load ${many} services`, ours: { side: String(many), key: 'load' } },
        row('load', 'load'),
        { what: `plan ${many} services`, ours: { side: String(many), key: 'plan' } },
        row('plan', 'plan'),
      ],
      remove: async () => undefined,
    };
  },
};

async function samplesOf(count: number) {
  const text = composeOf(count, 'busybox:1.36', 1);
  const config = parseProject(
    'project: bench\nenvironments: { bench: { deployOn: { branch: main } } }\n',
    'slipway.yaml',
    'bench',
  );
  const [loads, plans]: [number[], number[]] = [[], []];
  for (let time = 0; time < times; time += 1) {
    let spec: ReturnType<typeof load> | undefined;
    loads.push(
      await timed(async () => {
        spec = load(config, text);
      }),
    );
    const desired = spec;
    if (desired === undefined) continue;
    const recorded = thingsOf(desired, versionKey).map((thing) => ({ ...thing, native: thing.spec, deployment: 1 }));
    const observed = recorded.map((thing) => ({ ...thing, id: thing.name }));
    plans.push(await timed(async () => plan({ desired, observed, recorded, fixed, versionKey, findings: [] })));
  }
  const [loadMs, planMs] = [Math.min(...loads), Math.min(...plans)];
  return { load: loadMs, plan: planMs, 'load per service': loadMs / count, 'plan per service': planMs / count };
}

function load(config: ReturnType<typeof parseProject>, text: string) {
  const root = '/bench';
  const loaded = loadCompose({
    files: [`${root}/compose.yaml`],
    projectDirectory: root,
    environment: {},
    projectName: config.project,
    read: { read: (path) => (path === `${root}/compose.yaml` ? text : undefined) },
  });
  const [environment] = config.environments;
  if (!environment) throw new Error('the project has no environment');
  const read = () => undefined;
  return stackFromCompose({ project: config, environment, commit: null, loaded, root, artifacts: 'image', read }).spec;
}
