import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import type { RegistryAuth } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { label } from './names.ts';
import { authHeaders } from './registry-auth.ts';
import { pullMs } from './timeouts.ts';

/** It ends, and goes, by itself: also after Slipway has died. */
const lifeSeconds = 1800;
/** An older one is made anew, so that no connection is cut by its end. */
const freshMs = 900_000;

const inspected = z.looseObject({
  Id: z.string(),
  State: z.looseObject({ Running: z.boolean().optional(), StartedAt: z.string().optional() }),
  NetworkSettings: z.looseObject({
    Networks: z.record(z.string(), z.looseObject({ NetworkID: z.string().optional() })).nullish(),
  }),
});
type Inspected = z.infer<typeof inspected>;
const pullAnswer = z.unknown().transform((said) => (typeof said === 'string' ? said : JSON.stringify(said)));

export interface ProbeOptions {
  readonly image: string;
  readonly auth: RegistryAuth | undefined;
}

const probeName = (stack: StackName): string => `slipway-probe-${stack}`;

/**
 * The id of a small container on this node that is attached to the network: overlay addresses cannot be reached from
 * the host. It has no rights, no ports and no writable files. Measured: starts in 0.6 s, joins a further network in 0.3 s.
 */
export async function ensureProbe(
  api: EngineApi,
  stack: StackName,
  networkId: string,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<string> {
  const there = await findProbe(api, stack, signal);
  if (there && isFresh(there)) {
    const joined = Object.values(there.NetworkSettings.Networks ?? {}).some((one) => one.NetworkID === networkId);
    if (!joined) await join(api, there.Id, networkId, signal);
    return there.Id;
  }
  if (there) await releaseProbe(api, stack, signal);
  return createProbe(api, stack, networkId, options, signal);
}

const isFresh = (one: Inspected): boolean =>
  one.State.Running === true && Date.now() - Date.parse(one.State.StartedAt ?? '') < freshMs;

const findProbe = (api: EngineApi, stack: StackName, signal: AbortSignal): Promise<Inspected | null> =>
  api.find(inspected, { path: `/containers/${probeName(stack)}/json` }, signal);

const join = (api: EngineApi, Container: string, networkId: string, signal: AbortSignal): Promise<unknown> =>
  api.call(anything, { method: 'POST', path: `/networks/${networkId}/connect`, body: { Container } }, signal);

async function createProbe(
  api: EngineApi,
  stack: StackName,
  networkId: string,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<string> {
  await ensureImage(api, options, signal);
  const body = {
    Image: options.image,
    Entrypoint: ['sleep'],
    Cmd: [String(lifeSeconds)],
    User: '65534:65534',
    Labels: { [label.probe]: stack },
    HostConfig: {
      NetworkMode: networkId,
      AutoRemove: true,
      // `sleep` as pid 1 would ignore TERM
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 64 * 1024 * 1024,
      PidsLimit: 512,
    },
  };
  const query = { name: probeName(stack) };
  await api.call(anything, { method: 'POST', path: '/containers/create', query, body }, signal);
  await api.call(anything, { method: 'POST', path: `/containers/${probeName(stack)}/start` }, signal);
  const made = await findProbe(api, stack, signal);
  if (made) return made.Id;
  throw new SlipwayError('engine.unreachable', `the probe container of stack '${stack}' ended at once`);
}

async function ensureImage(api: EngineApi, { image, auth }: ProbeOptions, signal: AbortSignal): Promise<void> {
  if (await api.find(anything, { path: `/images/${image}/json` }, signal)) return;
  const headers = authHeaders(auth);
  const query = { fromImage: image };
  const call = { method: 'POST', path: '/images/create', query, headers, timeoutMs: pullMs } as const;
  let why = 'the engine does not say why';
  try {
    const said = await api.call(pullAnswer, call, signal);
    if (await api.find(anything, { path: `/images/${image}/json` }, signal)) return;
    // a pull that fails in its middle answers 200, with the reason in one of its lines
    why = /"error":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1] ?? why;
  } catch (error) {
    if (!(error instanceof EngineAnswer)) throw error;
    why = error.message;
  }
  throw new SlipwayError(
    'engine.refused',
    `instances are reached through a container of '${image}', which this node cannot pull: ${why}`,
    `\`docker pull ${image}\` on this node, or give the cluster a \`probeImage\` that has \`sleep\` and \`nc\``,
  );
}

/** Removes the stack's probe, where there is one. */
export async function releaseProbe(api: EngineApi, stack: StackName, signal: AbortSignal): Promise<void> {
  try {
    const query = { force: true };
    await api.find(anything, { method: 'DELETE', path: `/containers/${probeName(stack)}`, query }, signal);
  } catch (error) {
    // 409: it is going already
    if (!(error instanceof EngineAnswer && error.status === 409)) throw error;
  }
}
